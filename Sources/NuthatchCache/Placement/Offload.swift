import Synchronization

/// What a sequence needs to keep its sealed pages on disk: frames to read into, and the transfers under way.
///
/// Reading is asked for one layer ahead, writing behind each pass. Failures are kept until somebody who can throw
/// asks: of reading at the end of a pass (`CacheBatch.finish`), of writing at the beginning of the next one; either
/// way before a number computed from wrong pages gets out, and before a page leaves memory.
final class Offload {
    let disk: PageDisk
    var frames = LayerFrames()
    private var writing: (transfer: Transfer, pages: [Page])?
    private let failure = Mutex<CacheError?>(nil)
    private let slowness = Atomic<Bool>(true)
    /// Splits taken by workers, of layers of even and of odd number: while some are still at one layer, none is two
    /// layers on.
    private let takenSplits = [TakenSplits(), TakenSplits()]

    init(_ disk: PageDisk) {
        self.disk = disk
    }

    deinit {
        // Nobody may read into frames, or write from pages, that are gone.
        frames.end()
        try? writing?.transfer.wait()
    }

    // MARK: Writing

    func write(_ writes: [PageWrite], of pages: [Page]) {
        guard !writes.isEmpty else { return }
        // There is none under way: every pass begins by waiting for it.
        try? finishWriting()
        writing = (disk.mover.write(writes), pages)
    }

    /// Waits until the pages asked for are on disk.
    ///
    /// - Throws: what kept them from it; they are still in memory then, and will be asked for again.
    func finishWriting() throws(CacheError) {
        guard let writing else { return }
        self.writing = nil
        do throws(CacheError) {
            try writing.transfer.wait()
        } catch {
            writing.pages.forEach { $0.forgetStoring() }
            throw error
        }
    }

    // MARK: Reading

    func read(_ reads: [PageRead], layer: Int) {
        guard !reads.isEmpty else { return }
        frames.begin(disk.mover.read(reads), layer: layer)
    }

    /// Waits for a layer's pages; called by every worker.
    func wait(forLayer layer: Int) {
        do throws(CacheError) {
            try frames.wait(forLayer: layer)
        } catch {
            fail(error)
        }
    }

    /// Whether pages came from the disk itself lately, not from the system's memory: only then is it worth asking
    /// for them ahead, for that takes a core from the workers. 48 KiB take some 10 microseconds from memory and 100
    /// or more from a disk; this is between. Decides when numbers come, never which.
    var isSlow: Bool { slowness.load(ordering: .relaxed) }

    private static let slowestBytesPerMicrosecond = 1_000

    /// Notes how long a worker took to read.
    func note(byteCount: Int, _ duration: Duration) {
        let microseconds = Int(duration / .microseconds(1))
        slowness.store(byteCount < microseconds * Self.slowestBytesPerMicrosecond, ordering: .relaxed)
    }

    // MARK: Splits

    /// Called before any worker takes a split of that layer, and after the last one of two layers before.
    func beginSplits(layer: Int) {
        takenSplits[layer % 2].count.store(0, ordering: .relaxed)
    }

    /// The next split of that layer that nobody has taken; nil when all are.
    func takeSplit(of count: Int, layer: Int) -> Int? {
        let index = takenSplits[layer % 2].count.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }

    /// Asks the system for pages that workers will read themselves.
    func fetch(_ fileRanges: [FileRange]) {
        guard !fileRanges.isEmpty else { return }
        _ = disk.mover.fetch(fileRanges)
    }

    /// Keeps a failure for `endReading`.
    func fail(_ error: CacheError) {
        failure.withLock { $0 = $0 ?? error }
    }

    /// Ends a pass: nothing is under way into the frames any more.
    ///
    /// - Throws: the first failure to read since the last call.
    func endReading() throws(CacheError) {
        frames.end()
        let error = failure.withLock { failure in
            defer { failure = nil }
            return failure
        }
        if let error { throw error }
    }
}

private final class TakenSplits: Sendable {
    let count = Atomic<Int>(0)
}
