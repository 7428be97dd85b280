/// What a pool's threads share. It outlives them: the pool joins every thread before it frees this.
struct PoolState: ~Copyable {
    /// Beyond this no machine we know has cores, and every worker costs its scratch.
    static let maximumWorkerCount = 256

    /// Changes when a job is ready, or the pool stops: see `Start`.
    let start = Signal()
    let isStopping = PaddedCounter()
    /// Rises with each thread that has begun.
    let ready = Signal()
    let unpinnedCount = PaddedCounter()
    let sharedBarrier: UnsafeMutablePointer<Barrier>
    let job: UnsafeMutablePointer<Job>
    /// How many workers the next run has; whoever has the turn uses it.
    let window: UnsafeMutablePointer<AllotmentWindow>
    /// [worker], nanoseconds that each has stood in a core's queue, as it noted itself.
    let queued: UnsafeMutablePointer<UInt64>
    /// [worker, WorkerPool.scratchByteCount]; untouched pages cost no memory.
    let scratch: UnsafeMutableRawBufferPointer
    /// [worker], each on cache lines of its own.
    private let tallies: UnsafeMutableRawPointer

    /// Two lines, which processors fetch together.
    private static let tallyStride = 128

    init(workerCount: Int, isFixed: Bool) {
        sharedBarrier = .allocate(capacity: 1)
        sharedBarrier.initialize(to: Barrier())
        job = .allocate(capacity: 1)
        job.initialize(to: Job(program: nil, type: NoProgram.self, workerCount: 0, isNoting: false))
        window = .allocate(capacity: 1)
        window.initialize(to: AllotmentWindow(workerCount: workerCount, isFixed: isFixed))
        queued = .allocate(capacity: workerCount)
        queued.initialize(repeating: 0, count: workerCount)
        scratch = .allocate(byteCount: workerCount * WorkerPool.scratchByteCount, alignment: 128)
        tallies = .allocate(byteCount: workerCount * Self.tallyStride, alignment: Self.tallyStride)
        for index in 0..<workerCount {
            (tallies + index * Self.tallyStride).initializeMemory(as: WorkTally.self, to: WorkTally())
        }
    }

    deinit {
        sharedBarrier.deinitialize(count: 1)
        sharedBarrier.deallocate()
        job.deinitialize(count: 1)
        job.deallocate()
        window.deinitialize(count: 1)
        window.deallocate()
        queued.deallocate()
        scratch.deallocate()
        tallies.deallocate()
    }

    /// What one worker counted. Between runs anyone may read it.
    func tally(_ index: Int) -> UnsafeMutablePointer<WorkTally> {
        (tallies + index * Self.tallyStride).assumingMemoryBound(to: WorkTally.self)
    }

    static func worker(_ index: Int, of state: UnsafeMutablePointer<PoolState>) -> Worker {
        let byteCount = WorkerPool.scratchByteCount
        let start = index * byteCount
        return Worker(
            index: index, count: state.pointee.job.pointee.workerCount,
            scratch: UnsafeMutableRawBufferPointer(
                rebasing: state.pointee.scratch[start..<start + byteCount]),
            tally: state.pointee.tally(index),
            sharedBarrier: UnsafePointer(state.pointee.sharedBarrier))
    }
}

/// The program of the current run, borrowed from its caller's stack: no box, no allocation.
struct Job {
    let program: UnsafeRawPointer?
    let type: any WorkerProgram.Type
    let workerCount: Int
    /// Whether workers note how long they have stood in queues.
    let isNoting: Bool

    func run(on worker: Worker) {
        guard let program else { return }
        type.run(at: program, on: worker)
    }
}

/// What tells workers that a run begins: its number, and in the low bits how many take part. Whoever does not may be late
/// by any number of runs, so it reads nothing but this.
package enum Start {
    private static let countBits: UInt32 = 9

    package static func next(after value: UInt32, workerCount: Int) -> UInt32 {
        ((value >> countBits) &+ 1) << countBits | UInt32(truncatingIfNeeded: workerCount)
    }

    package static func takesPart(_ index: Int, in value: UInt32) -> Bool {
        index < Int(value & (1 << countBits - 1))
    }
}

extension WorkerProgram {
    /// Runs the program that lies at `address`.
    fileprivate static func run(at address: UnsafeRawPointer, on worker: Worker) {
        address.assumingMemoryBound(to: Self.self).pointee.run(on: worker)
    }
}

/// Stands where no program was given yet.
private struct NoProgram: WorkerProgram {
    func run(on worker: Worker) {}
}
