import Dispatch
package import NuthatchTensors
import Synchronization

/// One thread that runs jobs in order: the executor of everything that drives a model.
///
/// A forward pass keeps a thread busy for long stretches, which would starve Swift's cooperative pool, so
/// sessions are actors bound to this executor instead. It is also worker 0 of the model's worker pool, whose
/// runs must all start from one thread at a time.
package final class EngineThread: SerialExecutor {
    private let queue: JobQueue

    /// - Throws: `TensorError.noThread`.
    package init() throws(TensorError) {
        let queue = JobQueue()
        guard let thread = SystemThread("nuthatch-engine", stack: .deep, { queue.serve() }) else {
            throw .noThread(name: "nuthatch-engine")
        }
        thread.detach()
        self.queue = queue
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job), for: asUnownedSerialExecutor())
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}

/// The jobs waiting for an engine thread, oldest first.
private final class JobQueue: Sendable {
    private struct State {
        var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Counts jobs (and the closing) not yet taken.
    private let arrivals = DispatchSemaphore(value: 0)

    func append(_ job: UnownedJob, for executor: UnownedSerialExecutor) {
        state.withLock { $0.jobs.append((job, executor)) }
        arrivals.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }

    /// Runs jobs until the queue is closed and empty.
    func serve() {
        while true {
            arrivals.wait()
            let next = state.withLock { state in
                state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            if let next {
                next.job.runSynchronously(on: next.executor)
            } else if state.withLock({ $0.isClosed }) {
                return
            }
        }
    }
}
