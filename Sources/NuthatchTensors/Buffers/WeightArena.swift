import Synchronization

/// Where many packed matrices share few large allocations.
///
/// A matrix of some hundred kilobytes is too small for a huge page of its own; side by side in chunks of 32 MiB,
/// in the order they are packed, a model's matrices are read front to back through few address translations.
package final class WeightArena: Sendable {
    private struct Filling {
        var chunk: ArenaChunk?
        var usedByteCount = 0
    }

    private let filling = Mutex(Filling())
    /// Half of one is wasted on average: below a fifth of the smallest model we know.
    private static let sharedChunkByteCount = 256 << 20

    private let chunkByteCount: Int

    package init() {
        chunkByteCount = Self.sharedChunkByteCount
    }

    /// An arena for one matrix alone.
    init(sharing: Bool) {
        chunkByteCount = sharing ? Self.sharedChunkByteCount : 0
    }

    /// Zeroed memory, aligned to 64 bytes, that lives as long as the chunk returned beside it.
    func allocate(
        byteCount: Int, purpose: String
    ) throws(TensorError) -> (base: UnsafeMutableRawPointer, chunk: ArenaChunk) {
        let rounded = byteCount.rounded(upTo: AlignedBuffer.smallAlignment)
        return try filling.withLock { filling throws(TensorError) in
            if let chunk = filling.chunk, filling.usedByteCount + rounded <= chunk.byteCount {
                defer { filling.usedByteCount += rounded }
                return (chunk.base + filling.usedByteCount, chunk)
            }
            let chunk = try ArenaChunk(byteCount: max(rounded, chunkByteCount), purpose: purpose)
            if rounded < chunkByteCount {
                filling.chunk = chunk
                filling.usedByteCount = rounded
            }
            return (chunk.base, chunk)
        }
    }
}

/// One allocation that several matrices keep alive.
final class ArenaChunk: Sendable {
    private let buffer: AlignedBuffer

    init(byteCount: Int, purpose: String) throws(TensorError) {
        buffer = try AlignedBuffer(byteCount: byteCount, purpose: purpose)
    }

    var base: UnsafeMutableRawPointer { buffer.base }
    var byteCount: Int { buffer.byteCount }
}
