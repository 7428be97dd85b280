/// Hashing for the open-addressing tables of this room.
///
/// Vocabularies come from strangers, so the seed differs per process: pieces cannot be chosen to collide. Ids never
/// depend on it.
struct FlatHash: Sendable {
    private let seed: UInt64

    init() { seed = UInt64(truncatingIfNeeded: Hasher().finalize()) }

    /// Folded 64 x 64 -> 128-bit multiplication, the mixing step of wyhash (Wang Yi, 2019).
    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inline(__always)
    func callAsFunction(_ key: UInt64) -> Int {
        // Odd constants with half their bits set (wyhash's secret): any would do.
        let mixed = Self.mix(key ^ seed, 0xa076_1d64_78bd_642f)
        return Int(truncatingIfNeeded: Self.mix(mixed, 0xe703_7ed1_a0b4_28db) & 0x7fff_ffff_ffff_ffff)
    }

    @inline(__always)
    func callAsFunction(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var state = seed ^ UInt64(truncatingIfNeeded: range.count)
        var index = range.lowerBound
        while range.upperBound - index >= 8 {
            // Any bytes are a UInt64, and the load checks its bounds.
            let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            state = Self.mix(state ^ word, 0xa076_1d64_78bd_642f)
            index += 8
        }
        var word: UInt64 = 0
        while index < range.upperBound {
            word = word << 8 | UInt64(bytes[index])
            index += 1
        }
        return callAsFunction(state ^ word)
    }
}
