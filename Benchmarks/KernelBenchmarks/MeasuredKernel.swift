import NuthatchTensors

/// One kernel with inputs of its own, as it is called in a model's pass.
protocol MeasuredKernel: AnyObject {
    /// What one call has to do, whoever does it.
    var work: Work { get }

    /// Whence come the inputs that no cache holds; nil where all are in caches.
    var ring: Ring? { get }

    /// Makes what the table's kernels take: tables may lay out quantised rows differently.
    func prepare(for table: KernelTable)

    /// One call.
    func run(on table: KernelTable)
}

extension MeasuredKernel {
    var ring: Ring? { nil }
    func prepare(for table: KernelTable) {}
}

/// What a call cannot do without, counted from the formula, not from the code: a kernel that finds a shorter
/// way shows a larger share, one that takes a detour a smaller one.
struct Work {
    /// Bytes that come from the ring.
    var streamedByteCount = 0
    /// Operations on floats; a product and its addition are one.
    var floatCount = 0
    /// Products of bytes, added.
    var byteProductCount = 0
}

/// SmolLM2-135M.
enum Shape {
    static let hidden = 576
    static let feedForward = 1_536
    static let headDimension = 64
    static let headCount = 9
    static let kvHeadCount = 3
    static let queriesPerHead = headCount / kvHeadCount
    static let pageLength = 64
}

extension [KernelTable] {
    /// The first of each family of tables that differ in integer products only.
    var withDistinctVectors: [KernelTable] {
        var names: [String] = []
        return filter { table in
            guard let name = table.attentionName, !names.contains(name) else { return false }
            names.append(name)
            return true
        }
    }
}
