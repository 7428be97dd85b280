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
        queue.append(.job(UnownedJob(job), asUnownedSerialExecutor()))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Runs a call behind what is queued.
    func enqueue(_ call: @escaping @Sendable () -> Void) { queue.append(.call(call)) }

    /// Lets what waits for this thread have its turn, where the caller runs. `Task.yield` would go by way of another thread, and
    /// workers fall asleep over that.
    nonisolated(nonsending) func yield() async {
        guard !queue.isEmpty else { return }
        await withUnsafeContinuation { continuation in
            enqueue { continuation.resume() }
        }
    }

    /// What a call answers on this thread: at once where that is the caller's, else behind what is queued, for which the caller
    /// waits. Not for callers that hold what a queued job may wait for.
    func wait(for call: () -> Bool) -> Bool {
        if queue.isServedByCaller { return call() }
        return withoutActuallyEscaping(call) { call in
            // Safe to hand over: the caller waits meanwhile.
            nonisolated(unsafe) let call = call
            // Safe to share: written before the semaphore is signalled, read after it.
            nonisolated(unsafe) var answer = false
            let end = DispatchSemaphore(value: 0)
            enqueue {
                answer = call()
                end.signal()
            }
            end.wait()
            return answer
        }
    }
}

/// The work waiting for an engine thread, oldest first.
private final class JobQueue: Sendable {
    enum Work: Sendable {
        case job(UnownedJob, UnownedSerialExecutor)
        case call(@Sendable () -> Void)

        func run() {
            switch self {
            case .job(let job, let executor): job.runSynchronously(on: executor)
            case .call(let call): call()
            }
        }
    }

    private struct State {
        var work: [Work] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Counts work (and the closing) not yet taken.
    private let arrivals = DispatchSemaphore(value: 0)
    private let thread = Atomic<UInt>(0)

    var isEmpty: Bool { state.withLock { $0.work.isEmpty } }

    var isServedByCaller: Bool { thread.load(ordering: .relaxed) == SystemThread.currentNumber }

    func append(_ work: Work) {
        state.withLock { $0.work.append(work) }
        arrivals.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }

    /// Runs work until the queue is closed and empty.
    func serve() {
        thread.store(SystemThread.currentNumber, ordering: .relaxed)
        while true {
            arrivals.wait()
            if let next = state.withLock({ $0.work.isEmpty ? nil : $0.work.removeFirst() }) {
                next.run()
            } else if state.withLock({ $0.isClosed }) {
                return
            }
        }
    }
}
