/// What all workers run together.
package protocol WorkerProgram {
    /// One worker's part. Called on `workerCount` threads at once; shared state is written in disjoint shares.
    func run(on worker: Worker)
}

/// One thread's place among those that run a program.
///
/// A view into the pool: valid inside the `run(on:)` that was given it.
package struct Worker {
    package let index: Int
    package let count: Int
    /// Memory of this worker alone, for what it computes for itself; see `WorkerPool.scratchByteCount`.
    let scratch: UnsafeMutableRawBufferPointer
    /// What this worker counts; see `WorkTally`.
    let tally: UnsafeMutablePointer<WorkTally>
    private let sharedBarrier: UnsafePointer<Barrier>

    init(
        index: Int, count: Int, scratch: UnsafeMutableRawBufferPointer,
        tally: UnsafeMutablePointer<WorkTally>, sharedBarrier: UnsafePointer<Barrier>
    ) {
        self.index = index
        self.count = count
        self.scratch = scratch
        self.tally = tally
        self.sharedBarrier = sharedBarrier
    }

    /// This thread as if it were the only one, whose share of anything is all of it: for operations on what it has for
    /// itself. Such a worker neither meets others nor takes items.
    package var alone: Worker {
        Worker(index: 0, count: 1, scratch: scratch, tally: tally, sharedBarrier: sharedBarrier)
    }

    /// Waits until every worker of the run has arrived; what each wrote before is visible to all after.
    package func barrier() {
        sharedBarrier.pointee.wait(count: UInt32(truncatingIfNeeded: count))
    }

    /// The next of a phase's items, counted from 0; beyond the last, nothing is left. Whoever is free takes it, so that
    /// a core that others slow down holds up nobody: for items whose results don't depend on who computes them.
    ///
    /// Counted anew from each barrier: one phase of taking between two of them.
    package func take() -> Int { sharedBarrier.pointee.take() }

    /// This worker's contiguous share of `count` items, in multiples of `grain`.
    package func share(of itemCount: Int, grain: Int = 1) -> Range<Int> {
        let grainCount = (itemCount + grain - 1) / grain
        let lower = grainCount * index / count * grain
        let upper = grainCount * (index + 1) / count * grain
        return min(lower, itemCount)..<min(upper, itemCount)
    }
}
