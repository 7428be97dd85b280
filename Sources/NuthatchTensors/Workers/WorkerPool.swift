/// Nuthatch's own threads: every worker runs the same program on its share of the work.
///
/// `run` starts `program` on all workers at once (the caller is worker 0) and returns when all have left it.
/// Inside, workers meet at `Worker.barrier()`. Shares depend on the worker's index only, so which thread
/// computes an element never changes its value. Nothing is allocated per run.
package final class WorkerPool: Sendable {
    package let workerCount: Int

    package init(workerCount: Int, pinsThreads: Bool = false) {
        self.workerCount = workerCount
    }

    /// Runs `program` on every worker and waits for all of them.
    package func run<Program: WorkerProgram>(_ program: borrowing Program) {
        fatalError("not built yet")
    }
}

/// What all workers run together.
package protocol WorkerProgram {
    /// One worker's part. Called on `workerCount` threads at once; shared state is written in disjoint shares.
    func run(on worker: Worker)
}

/// One thread's place among those that run a program.
package struct Worker {
    package let index: Int
    package let count: Int

    /// Waits until every worker of the run has arrived; what each wrote before is visible to all after.
    package func barrier() {
        fatalError("not built yet")
    }

    /// This worker's contiguous share of `count` items, in multiples of `grain`.
    package func share(of itemCount: Int, grain: Int = 1) -> Range<Int> {
        let grainCount = (itemCount + grain - 1) / grain
        let lower = grainCount * index / count * grain
        let upper = grainCount * (index + 1) / count * grain
        return min(lower, itemCount)..<min(upper, itemCount)
    }
}
