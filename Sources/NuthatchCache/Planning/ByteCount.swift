/// A number of bytes whose sums and products are checked: nil once one exceeds 63 bits, and so any memory.
struct ByteCount: Equatable {
    private(set) var value: Int?

    init(_ bytes: Int, times count: Int) {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: count)
        value = overflow ? nil : product
    }

    static func + (left: ByteCount, right: ByteCount) -> ByteCount {
        var sum = left
        guard let a = left.value, let b = right.value else {
            sum.value = nil
            return sum
        }
        let (result, overflow) = a.addingReportingOverflow(b)
        sum.value = overflow ? nil : result
        return sum
    }
}
