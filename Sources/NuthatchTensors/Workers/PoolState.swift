/// What a pool's threads share. It outlives them: the pool joins every thread before it frees this.
struct PoolState: ~Copyable {
    /// Beyond this no machine we know has cores, and every worker costs its scratch.
    static let maximumWorkerCount = 256

    /// Rises by one when a job is ready, or the pool stops.
    let epoch = PaddedCounter()
    let sleeperCount = PaddedCounter()
    let isStopping = PaddedCounter()
    let readyCount = PaddedCounter()
    let unpinnedCount = PaddedCounter()
    let sharedBarrier: UnsafeMutablePointer<Barrier>
    let parking = Parking()
    let job: UnsafeMutablePointer<Job>
    /// [worker, WorkerPool.scratchByteCount]; untouched pages cost no memory.
    let scratch: UnsafeMutableRawBufferPointer
    /// [worker], each on cache lines of its own.
    private let tallies: UnsafeMutableRawPointer

    /// Two lines, which processors fetch together.
    private static let tallyStride = 128

    init(workerCount: Int) {
        sharedBarrier = .allocate(capacity: 1)
        sharedBarrier.initialize(to: Barrier())
        job = .allocate(capacity: 1)
        job.initialize(to: Job(program: nil, type: NoProgram.self, workerCount: 0))
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

    func run(on worker: Worker) {
        guard let program else { return }
        type.run(at: program, on: worker)
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
