import NuthatchTensors

/// Many copies of one matrix or page, handed out in turn, so that each comes from memory as the weights and
/// the pages of a model's pass do.
final class Ring {
    let entryCount: Int
    let entryByteCount: Int
    /// More than last-level caches of most machines hold. What they keep nevertheless helps the reading that
    /// the bandwidth is measured by as much.
    private static let wantedByteCount = MemoryBandwidth.byteCount
    private let buffer: AlignedBuffer
    private var next = 0

    /// - Parameter entryByteCount: a multiple of 8.
    init(entryByteCount: Int) throws(TensorError) {
        self.entryByteCount = entryByteCount
        entryCount = max(1, Self.wantedByteCount / entryByteCount)
        buffer = try AlignedBuffer(byteCount: entryCount * entryByteCount, purpose: "a benchmark's inputs")
        fill(UnsafeMutableRawBufferPointer(start: buffer.base, count: entryByteCount))
        for index in 1..<entryCount {
            address(index).copyMemory(from: buffer.base, byteCount: entryByteCount)
        }
    }

    func address(_ index: Int) -> UnsafeMutableRawPointer { buffer.base + index * entryByteCount }

    /// Where the next `count` entries, which lie one behind the other, begin.
    func take(_ count: Int = 1) -> Int {
        if next + count > entryCount { next = 0 }
        defer { next += count }
        return next
    }

    /// Bytes from 0x20 to 0x2f are ordinary numbers whatever they are read as: binary16 from 0.008 to 0.11,
    /// bfloat16 and binary32 from 1e-19 to 2e-10, codes and scales of 8 bits. None is subnormal, infinite or
    /// NaN, which some processors are slower with.
    private func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        var noise = Noise()
        for offset in stride(from: 0, to: bytes.count, by: 8) {
            let word = noise.next() & 0x0f0f_0f0f_0f0f_0f0f | 0x2020_2020_2020_2020
            bytes.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
        }
    }
}
