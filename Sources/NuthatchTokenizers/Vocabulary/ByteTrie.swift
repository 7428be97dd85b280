/// From byte strings to numbers, found by walking a text from where they may begin.
///
/// One edge a lookup in a hash table: at most 32 bytes for each byte of the strings, fewer where they begin alike.
struct ByteTrie: Sendable {
    private static let root: UInt32 = 0
    /// (node, byte) -> (child, value of the string that ends there + 1, or 0).
    private var edges = PairTable()
    private var nodeCount: UInt32 = 1

    /// Adds a string that is not empty; an equal one's value is replaced.
    ///
    /// - Parameter value: at least 0, below 2^32 - 1.
    mutating func insert(_ string: some Collection<UInt8>, value: Int) {
        var node = Self.root
        var remaining = string.count
        for byte in string {
            remaining -= 1
            let existing = edges[node, UInt32(byte)]
            let child = existing?.0 ?? nodeCount
            if existing == nil { nodeCount += 1 }
            let ending = remaining == 0 ? UInt32(truncatingIfNeeded: value + 1) : existing?.1 ?? 0
            edges.set(node, UInt32(byte), to: (child, ending))
            node = child
        }
    }

    /// Calls `body` with the end and the value of each string that `bytes` has at the beginning of `range`, the
    /// shortest first.
    @inline(__always)
    func forEachPrefix(of bytes: Span<UInt8>, _ range: Range<Int>, _ body: (_ end: Int, _ value: Int) -> Void)
    {
        var node = Self.root
        var index = range.lowerBound
        while index < range.upperBound, let (child, ending) = edges[node, UInt32(bytes[index])] {
            index += 1
            node = child
            if ending > 0 { body(index, Int(ending) - 1) }
        }
    }
}
