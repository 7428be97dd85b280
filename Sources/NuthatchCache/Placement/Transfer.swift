import CNuthatchKernels
import NuthatchTensors
import Synchronization

/// Pages on their way between memory and a page file: asked for now, there later.
///
/// Any number of threads may ask and wait. Asking is one load. Whoever finds a transfer done sees everything
/// it wrote to memory.
package final class Transfer: Sendable {
    /// Pauses before a waiter sleeps: some 30 to 100 microseconds, as long as a page or two take to come from
    /// the system's own cache. A transfer that takes longer than that leaves the core to the one that makes
    /// it.
    private static let spinCount = 2_000

    private let isFinished = Atomic<Bool>(false)
    private let sleeperCount = Atomic<Int>(0)
    private let failure = Mutex<CacheError?>(nil)
    private let lobby: Lobby

    init(_ lobby: Lobby) {
        self.lobby = lobby
    }

    /// Whether it is over, well or not; `wait` then returns at once.
    package var isDone: Bool { isFinished.load(ordering: .acquiring) }

    /// Returns when all pages are where they should be.
    ///
    /// - Throws: the first page's failure, see `PageFile.read` and `PageFile.write`; pages behind it were not
    ///   moved.
    package func wait() throws(CacheError) {
        var pauseCount = 0
        while !isDone, pauseCount < Self.spinCount {
            pauseCount += 1
            nuthatch_pause()
        }
        if !isDone {
            // Counted before it looks again, as `finish` looks after it is done: one of the two sees the other.
            sleeperCount.add(1, ordering: .sequentiallyConsistent)
            lobby.parking.sleep { !isFinished.load(ordering: .sequentiallyConsistent) }
            sleeperCount.subtract(1, ordering: .sequentiallyConsistent)
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    func finish(_ error: CacheError?) {
        if let error { failure.withLock { $0 = error } }
        isFinished.store(true, ordering: .sequentiallyConsistent)
        if sleeperCount.load(ordering: .sequentiallyConsistent) > 0 { lobby.parking.wakeAll() }
    }
}

/// Where those sleep who wait for transfers of one mover. A transfer may outlive the mover, so it owns a share.
final class Lobby: Sendable {
    // Safe to share: a mutex and a condition are made to be used by many threads.
    nonisolated(unsafe) let parking = Parking()
}
