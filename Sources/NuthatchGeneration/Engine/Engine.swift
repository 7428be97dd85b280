package import NuthatchCache
package import NuthatchTensors

/// What computes sequences: the threads, the budget of everything that holds keys and values, and one step at a time.
///
///     sessions, token sequences, measurements  ->  jobs  ->  EngineLoop: Scheduler -> a pass -> outcomes
///
/// A model has one, and the models of a process may share one: a draft model's passes then run on the same threads, and its
/// keys and values within the same budget.
package final class Engine: Sendable {
    /// Runs whatever drives a model, and is worker 0 of `workers`.
    package let thread: EngineThread
    package let workers: WorkerPool
    /// Where the keys and values of all sequences are, within one budget.
    package let pages: PagePool
    /// What sequences share of what they compute.
    package let prefixes: EnginePrefixes
    let loop: EngineLoop

    /// - Parameter kvByteBudget: the most bytes that keys and values may take; nil leaves it to the system.
    /// - Throws: `TensorError.noThread`.
    package init(workers: WorkerPool, kvByteBudget: Int?) throws(TensorError) {
        self.workers = workers
        thread = try EngineThread()
        pages = PagePool(byteBudget: kvByteBudget)
        prefixes = EnginePrefixes(pages: pages, thread: thread)
        loop = EngineLoop(thread: thread, pages: pages, prefixes: prefixes)
    }

    /// The most bytes that keys and values may take; nil leaves it to the system.
    package var kvByteBudget: Int? { pages.byteBudget }

    /// The executor of actors that live on the engine thread.
    package var executor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
}
