import CNuthatchKernels
import Synchronization

/// Nuthatch's own threads: every worker runs the same program on its share of the work.
///
/// `run` starts `program` on several workers at once (the caller is worker 0) and returns when all have left it: on all
/// of them, or, where it follows cores, on as many as have one (`WorkerAllotment`). Inside, workers meet at `Worker.barrier()`. How
/// many there are, and which computes an element, never changes its value. Nothing is allocated per run.
///
/// Between runs a worker looks for the next for some microseconds and then sleeps, so an idle program uses no
/// processor time. Runs asked for by several threads at once take turns. A program must not call `run` on the
/// pool it runs on.
package final class WorkerPool: Sendable {
    package let workerCount: Int
    /// Whether every thread asked to be pinned is.
    package let isPinned: Bool
    // Safe to share: its counters are atomic; its job is written only between a run's end and the next one's
    // start (under `turn`), and read only by those who take part, after that start was seen.
    private nonisolated(unsafe) let state: UnsafeMutablePointer<PoolState>
    private let threads: [SystemThread]
    private let turn = Mutex(())

    /// Bytes of scratch each worker has for itself: four rows of 32,768 inputs quantised to 8 bits
    /// (64 bytes per 32 inputs), which is more than any decode step quantises privately.
    static let scratchByteCount = 4 * 32_768 / 32 * 64

    /// Makes `workerCount - 1` threads beside the caller's own; fewer if the system refuses, see `workerCount`.
    ///
    /// `pinsThreads` ties each to one core of those this process may use, which helps when nothing else runs.
    /// `followsCores` makes no more than there are cores, and uses as many as run at once; without it all take part in
    /// every run.
    package init(workerCount: Int, pinsThreads: Bool = false, followsCores: Bool = false) {
        let coreCount = followsCores ? Int(nuthatch_allowed_processor_count()) : 0
        let most = coreCount > 0 ? min(coreCount, PoolState.maximumWorkerCount) : PoolState.maximumWorkerCount
        let wanted = min(max(workerCount, 1), most)
        let state = UnsafeMutablePointer<PoolState>.allocate(capacity: 1)
        state.initialize(to: PoolState(workerCount: wanted, isFixed: !followsCores))
        var threads: [SystemThread] = []
        // The state is atomics and fields that only the caller of `run` writes, before it releases the others.
        nonisolated(unsafe) let shared = state
        for index in 1..<max(wanted, 1) {
            let thread = SystemThread("nuthatch-worker", stack: .shallow) {
                if pinsThreads, nuthatch_pin_thread(Int32(truncatingIfNeeded: index)) != 0 {
                    shared.pointee.unpinnedCount.value.add(1, ordering: .relaxed)
                }
                shared.pointee.ready.rise()
                Self.serve(shared, as: index)
            }
            guard let thread else { break }
            threads.append(thread)
        }
        self.threads = threads
        self.workerCount = threads.count + 1
        self.state = state
        var ready = state.pointee.ready.value
        while Int(ready) < threads.count { ready = state.pointee.ready.wait(while: ready) }
        self.isPinned = pinsThreads && state.pointee.unpinnedCount.value.load(ordering: .relaxed) == 0
    }

    deinit {
        state.pointee.isStopping.value.store(1, ordering: .sequentiallyConsistent)
        let start = state.pointee.start.value
        state.pointee.start.change(to: Start.next(after: start, workerCount: workerCount))
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

    /// Runs `program` on the workers and waits for all of them.
    package func run<Program: WorkerProgram>(_ program: borrowing Program) {
        withUnsafePointer(to: program) { pointer in
            turn.withLock { _ in
                let activeCount = state.pointee.window.pointee.allotment.activeCount
                let isNoting = state.pointee.window.pointee.isNoting
                let began = nuthatch_clock()
                state.pointee.job.pointee = Job(
                    program: UnsafeRawPointer(pointer), type: Program.self, workerCount: activeCount,
                    isNoting: isNoting)
                if activeCount > 1 {
                    let start = state.pointee.start.value
                    state.pointee.start.change(to: Start.next(after: start, workerCount: activeCount))
                }
                let worker = PoolState.worker(0, of: state)
                pointer.pointee.run(on: worker)
                if isNoting { Self.noteQueuedTime(of: 0, in: state) }
                worker.barrier()
                let now = nuthatch_clock()
                let isStarved = state.pointee.window.pointee.end(
                    time: now &- began, now: now, queued: state.pointee.queued,
                    caller: SystemThread.currentNumber)
                if isStarved, !isPinned { nuthatch_leave_core() }
            }
        }
    }

    /// A thread's life: wait for a run that it takes part in, run its job, meet the others, again.
    private static func serve(_ state: UnsafeMutablePointer<PoolState>, as index: Int) {
        var seen: UInt32 = 0
        while true {
            seen = state.pointee.start.wait(while: seen)
            if state.pointee.isStopping.value.load(ordering: .sequentiallyConsistent) != 0 { return }
            guard Start.takesPart(index, in: seen) else { continue }
            let worker = PoolState.worker(index, of: state)
            let job = state.pointee.job.pointee
            job.run(on: worker)
            if job.isNoting { noteQueuedTime(of: index, in: state) }
            worker.barrier()
        }
    }

    private static func noteQueuedTime(of index: Int, in state: UnsafeMutablePointer<PoolState>) {
        state.pointee.queued[index] = UInt64(max(0, nuthatch_queued_time()))
    }
}
