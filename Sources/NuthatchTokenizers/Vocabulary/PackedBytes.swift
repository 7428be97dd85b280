/// Byte strings by index, stored end to end: 4 bytes of overhead each instead of an array's 32.
///
/// Invariant: string `i` is `storage[offsets[i] ..< offsets[i + 1]]`; `offsets.count == count + 1`.
struct PackedBytes: Sendable {
    private(set) var storage: [UInt8] = []
    private var offsets: [UInt32] = [0]

    var count: Int { offsets.count - 1 }

    mutating func reserve(count: Int, byteCount: Int) {
        storage.reserveCapacity(byteCount)
        offsets.reserveCapacity(count + 1)
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        storage.append(contentsOf: bytes)
        offsets.append(UInt32(truncatingIfNeeded: storage.count))
    }

    mutating func append(_ byte: UInt8) {
        storage.append(byte)
        offsets.append(UInt32(truncatingIfNeeded: storage.count))
    }

    @inline(__always)
    func range(of index: Int) -> Range<Int> {
        Int(offsets[index])..<Int(offsets[index + 1])
    }

    subscript(index: Int) -> ArraySlice<UInt8> { storage[range(of: index)] }
}
