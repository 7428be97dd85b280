import Synchronization

/// Where many packed matrices share few large allocations.
///
/// A matrix of some hundred kilobytes is too small for a huge page of its own; side by side in large chunks, in the order
/// they are packed, a model's matrices are read front to back through few address translations.
///
/// The system clears a page when it is first touched, which takes as long as packing what comes there. Matrices smaller
/// than a page would leave that to the one worker whose share reaches into the next page, while the others wait; so
/// where it is known how much comes, all workers touch some pages ahead together.
package final class WeightArena: Sendable {
    private struct Filling {
        var chunk: ArenaChunk?
        var usedByteCount = 0
        /// Bytes of the chunk touched so far, from its start; whole huge pages.
        var touchedByteCount = 0
        /// Bytes allocated of all chunks.
        var allocatedByteCount = 0
    }

    private let filling = Mutex(Filling())
    /// What is not used of one is not touched, and so no memory.
    private static let sharedChunkByteCount = 256 << 20

    private let chunkByteCount: Int

    /// Huge pages that each worker touches at a time: beyond that, they would leave the cache before they are written.
    private static let touchedPagesPerWorker = 2

    private let expectedByteCount: Int

    /// - Parameter expectedByteCount: what will be allocated in all, as far as it is known.
    package init(expectedByteCount: Int = 0) {
        chunkByteCount = Self.sharedChunkByteCount
        self.expectedByteCount = expectedByteCount
    }

    /// An arena for one matrix alone.
    init(sharing: Bool) {
        chunkByteCount = sharing ? Self.sharedChunkByteCount : 0
        expectedByteCount = 0
    }

    /// Zeroed memory, aligned to 64 bytes, that lives as long as the chunk returned beside it.
    ///
    /// - Parameter pool: whose workers touch what comes next.
    func allocate(
        byteCount: Int, purpose: String, on pool: WorkerPool? = nil
    ) throws(TensorError) -> (base: UnsafeMutableRawPointer, chunk: ArenaChunk) {
        let rounded = byteCount.rounded(upTo: AlignedBuffer.smallAlignment)
        let (base, chunk, next) = try filling.withLock { filling throws(TensorError) in
            filling.allocatedByteCount += rounded
            let chunk: ArenaChunk
            if let current = filling.chunk, filling.usedByteCount + rounded <= current.byteCount {
                chunk = current
            } else {
                // Where so much address space isn't to be had, the matrix may still have what it takes itself.
                let shared =
                    rounded < chunkByteCount
                    ? try? ArenaChunk(byteCount: chunkByteCount, purpose: purpose) : nil
                guard let shared else {
                    let own = try ArenaChunk(byteCount: rounded, purpose: purpose)
                    return (own.base, own, 0..<0)
                }
                chunk = shared
                filling.chunk = chunk
                filling.usedByteCount = 0
                filling.touchedByteCount = 0
            }
            let base = chunk.base + filling.usedByteCount
            filling.usedByteCount += rounded
            return (base, chunk, nextTouched(&filling, of: chunk, workerCount: pool?.workerCount ?? 1))
        }
        if let pool, !next.isEmpty { pool.run(PageTouching(base: chunk.base, range: next)) }
        return (base, chunk)
    }

    /// The bytes of the chunk that are to be touched before what was just allocated there is written.
    private func nextTouched(_ filling: inout Filling, of chunk: ArenaChunk, workerCount: Int) -> Range<Int> {
        let (used, touched) = (filling.usedByteCount, filling.touchedByteCount)
        guard used > touched else { return 0..<0 }
        let toCome = max(0, expectedByteCount - filling.allocatedByteCount)
        let ahead = touched + workerCount * Self.touchedPagesPerWorker * AlignedBuffer.largeAlignment
        let end = max(used, min(ahead, used + toCome)).rounded(upTo: AlignedBuffer.largeAlignment)
        filling.touchedByteCount = min(end, chunk.byteCount)
        return touched..<filling.touchedByteCount
    }
}

/// Touches memory that is zero and stays so, each worker a share of its huge pages.
private struct PageTouching: WorkerProgram {
    let base: UnsafeMutableRawPointer
    let range: Range<Int>
    /// The smallest pages of the systems we know: where there are no huge ones, each is touched.
    private static let smallPage = 4096

    func run(on worker: Worker) {
        let unit = AlignedBuffer.largeAlignment
        let share = worker.share(of: (range.count + unit - 1) / unit)
        let start = range.lowerBound + share.lowerBound * unit
        let end = min(range.lowerBound + share.upperBound * unit, range.upperBound)
        for offset in stride(from: start, to: end, by: Self.smallPage) {
            (base + offset).storeBytes(of: 0, as: UInt8.self)
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
