/// What is left of the limits during one rendering.
///
/// Every operation announces its cost here first, so that what would be too large is refused before it exists.
struct TemplateBudget {
    let limits: TemplateLimits
    /// Where the operation being announced stands in the source.
    var position = TemplatePosition.start
    private var stepCount = 0
    private var workByteCount = 0

    init(limits: TemplateLimits) {
        self.limits = limits
    }

    /// One statement, expression or element.
    mutating func step(_ count: Int = 1) throws(TemplateError) {
        let (sum, overflow) = stepCount.addingReportingOverflow(count)
        guard !overflow, sum <= limits.stepCount else { throw exceeded("stepCount", limits.stepCount) }
        stepCount = sum
    }

    /// Bytes that an operation is about to read or write.
    mutating func work(byteCount: Int) throws(TemplateError) {
        let (sum, overflow) = workByteCount.addingReportingOverflow(byteCount)
        guard !overflow, sum <= limits.workByteCount else {
            throw exceeded("workByteCount", limits.workByteCount)
        }
        workByteCount = sum
    }

    /// A string about to be made; sizes are added up by `total` so that they cannot overflow.
    mutating func text(byteCount: Int) throws(TemplateError) {
        guard byteCount <= limits.textByteCount else { throw exceeded("textByteCount", limits.textByteCount) }
        try work(byteCount: byteCount)
    }

    /// A list or dictionary about to be made.
    mutating func collection(count: Int) throws(TemplateError) {
        guard count <= limits.collectionCount else {
            throw exceeded("collectionCount", limits.collectionCount)
        }
        try work(byteCount: count * MemoryLayout<TemplateValue>.stride)
    }

    /// `count * size` where both come from the template; a product that overflows is beyond every limit.
    func product(_ count: Int, _ size: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        return overflow ? Int.max : product
    }

    func exceeded(_ limit: String, _ allowed: Int) -> TemplateError {
        .limitExceeded(at: position, limit: limit, allowed: allowed)
    }

    func invalid(_ reason: String) -> TemplateError {
        .invalidOperation(at: position, reason: reason)
    }
}
