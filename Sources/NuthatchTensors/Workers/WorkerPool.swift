import CNuthatchKernels
import Synchronization

/// Nuthatch's own threads: every worker runs the same program on its share of the work.
///
/// `run` starts `program` on all workers at once (the caller is worker 0) and returns when all have left it.
/// Inside, workers meet at `Worker.barrier()`. Shares depend on the worker's index only, so which thread
/// computes an element never changes its value. Nothing is allocated per run.
///
/// Between runs a worker looks for the next for some microseconds and then sleeps, so an idle program uses no
/// processor time. Runs asked for by several threads at once take turns. A program must not call `run` on the
/// pool it runs on.
package final class WorkerPool: Sendable {
    package let workerCount: Int
    /// Whether every thread asked to be pinned is.
    package let isPinned: Bool
    // Safe to share: its counters are atomic; its job is written only between a run's end and the next one's
    // epoch (under `turn`), and read only after that epoch was seen.
    private nonisolated(unsafe) let state: UnsafeMutablePointer<PoolState>
    private let threads: [SystemThread]
    private let turn = Mutex(())

    /// Bytes of scratch each worker has for itself: four rows of 32,768 inputs quantised to 8 bits
    /// (64 bytes per 32 inputs), which is more than any decode step quantises privately.
    static let scratchByteCount = 4 * 32_768 / 32 * 64

    /// Makes `workerCount - 1` threads beside the caller's own; fewer if the system refuses, see `workerCount`.
    ///
    /// `pinsThreads` ties each to one core of those this process may use, which helps when nothing else runs.
    package init(workerCount: Int, pinsThreads: Bool = false) {
        let wanted = min(max(workerCount, 1), PoolState.maximumWorkerCount)
        let state = UnsafeMutablePointer<PoolState>.allocate(capacity: 1)
        state.initialize(to: PoolState(workerCount: wanted))
        var threads: [SystemThread] = []
        // The state is atomics and fields that only the caller of `run` writes, before it releases the others.
        nonisolated(unsafe) let shared = state
        for index in 1..<max(wanted, 1) {
            let thread = SystemThread("nuthatch-worker", stack: .shallow) {
                if pinsThreads, nuthatch_pin_thread(Int32(truncatingIfNeeded: index)) != 0 {
                    shared.pointee.unpinnedCount.value.add(1, ordering: .relaxed)
                }
                shared.pointee.readyCount.value.add(1, ordering: .releasing)
                Self.serve(shared, as: index)
            }
            guard let thread else { break }
            threads.append(thread)
        }
        self.threads = threads
        self.workerCount = threads.count + 1
        self.state = state
        var patience = Patience()
        while Int(state.pointee.readyCount.value.load(ordering: .acquiring)) < threads.count {
            patience.pause()
        }
        self.isPinned = pinsThreads && state.pointee.unpinnedCount.value.load(ordering: .relaxed) == 0
    }

    deinit {
        state.pointee.isStopping.value.store(1, ordering: .sequentiallyConsistent)
        state.pointee.epoch.value.add(1, ordering: .sequentiallyConsistent)
        state.pointee.parking.wakeAll()
        for thread in threads { thread.join() }
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// How often the workers have met, the end of each run included; wraps around, and stays 0 for one worker.
    package var barrierCount: UInt32 { state.pointee.sharedBarrier.pointee.count }

    /// What all workers counted so far, in the runs that have ended.
    package var tally: WorkTally {
        turn.withLock { _ in
            (0..<workerCount).reduce(into: WorkTally()) { $0 += state.pointee.tally($1).pointee }
        }
    }

    /// Runs `program` on every worker and waits for all of them.
    package func run<Program: WorkerProgram>(_ program: borrowing Program) {
        withUnsafePointer(to: program) { pointer in
            turn.withLock { _ in
                state.pointee.job.pointee = Job(
                    program: UnsafeRawPointer(pointer), type: Program.self, workerCount: workerCount)
                if workerCount > 1 {
                    // Sequentially consistent with a sleeper's own order (count itself, then look at the epoch):
                    // either it sees the new epoch or we see that it sleeps.
                    state.pointee.epoch.value.add(1, ordering: .sequentiallyConsistent)
                    if state.pointee.sleeperCount.value.load(ordering: .sequentiallyConsistent) > 0 {
                        state.pointee.parking.wakeAll()
                    }
                }
                pointer.pointee.run(on: PoolState.worker(0, of: state))
                PoolState.worker(0, of: state).barrier()
            }
        }
    }

    /// A thread's life: wait for an epoch, run its job, meet the others, again.
    private static func serve(_ state: UnsafeMutablePointer<PoolState>, as index: Int) {
        var seen: UInt32 = 0
        while true {
            seen = awaitEpoch(after: seen, in: state)
            if state.pointee.isStopping.value.load(ordering: .sequentiallyConsistent) != 0 { return }
            let worker = PoolState.worker(index, of: state)
            state.pointee.job.pointee.run(on: worker)
            worker.barrier()
        }
    }

    private static func awaitEpoch(after seen: UInt32, in state: UnsafeMutablePointer<PoolState>) -> UInt32 {
        var patience = Patience()
        while !patience.isExhausted {
            let epoch = state.pointee.epoch.value.load(ordering: .acquiring)
            if epoch != seen { return epoch }
            patience.pause()
        }
        state.pointee.sleeperCount.value.add(1, ordering: .sequentiallyConsistent)
        state.pointee.parking.sleep {
            state.pointee.epoch.value.load(ordering: .sequentiallyConsistent) == seen
        }
        state.pointee.sleeperCount.value.subtract(1, ordering: .sequentiallyConsistent)
        return state.pointee.epoch.value.load(ordering: .acquiring)
    }
}
