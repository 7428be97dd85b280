import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Synchronization

/// Runs steps on the engine thread as long as there are jobs: asks the scheduler what the next pass computes, has it computed,
/// and hands out the logits.
///
/// Between two steps whatever else waits for the thread has its turn: what clients do with the end of their jobs, so that all
/// who go on at once are in the next step together.
actor EngineLoop {
    nonisolated let thread: EngineThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let pages: PagePool
    let prefixes: EnginePrefixes
    var scheduler: Scheduler
    /// Oldest first, as their ids ascend.
    private var jobs: [EngineJob] = []
    private let inbox = Mutex(Inbox())
    private let clock = ContinuousClock()
    private let beginning = ContinuousClock.now

    // Kept from step to step for their room.
    private var step = ScheduledStep()
    private var pass = EnginePass()
    private var actions: [SchedulerAction] = []
    /// Waits that have ended, until those who waited look again.
    var resumptions: [SchedulerAction] = []

    private struct Inbox {
        var jobs: [EngineJob] = []
        /// Whether somebody runs steps, and will look here again.
        var isDriven = false
    }

    init(thread: EngineThread, pages: PagePool, prefixes: EnginePrefixes) {
        self.thread = thread
        self.pages = pages
        self.prefixes = prefixes
        scheduler = Scheduler(limits: .standard)
    }

    /// Computes a job; returns when it has ended.
    ///
    /// - Throws: `CancellationError` where the task that waits is cancelled: what was computed by then stays in the cache. What
    ///   the pass, the memory or the job's own closure refused.
    nonisolated func run(_ job: EngineJob) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.begin(continuation)
                let wasDriven = inbox.withLock { inbox in
                    inbox.jobs.append(job)
                    defer { inbox.isDriven = true }
                    return inbox.isDriven
                }
                if !wasDriven { Task { await self.drive() } }
            }
        } onCancel: {
            job.cancel()
        }
    }

    private func drive() async {
        while true {
            let new = inbox.withLock { inbox in
                inbox.isDriven = !(inbox.jobs.isEmpty && jobs.isEmpty)
                // Nearly always there are none, and then nothing asks for memory.
                guard !inbox.jobs.isEmpty else { return [EngineJob]() }
                defer { inbox.jobs = [] }
                return inbox.jobs
            }
            for job in new { begin(job) }
            if jobs.isEmpty, new.isEmpty { return }
            runStep()
            await thread.yield()
        }
    }

    private func begin(_ job: EngineJob) {
        do {
            let id = scheduler.add(cost: try job.sequence.cost())
            job.id = id
            jobs.append(job)
            let cachedCount = job.sequence.tokens.count
            scheduler.feed(id, tokenCount: cachedCount, wants: .none)
            let isFed = scheduler.feed(id, tokenCount: job.tokens.count - cachedCount, wants: job.wants)
            if !isFed, cachedCount == job.sequence.cache.tokenCount { end(id, .success(())) }
        } catch { job.end(.failure(error)) }
    }

    // MARK: A step

    /// One round of the scheduler.
    private func runStep() {
        for job in jobs where job.isCancelled {
            if let id = job.id { end(id, .failure(CancellationError())) }
        }
        admit()
        scheduler.releaseOverdue(at: now, into: &resumptions)
        resume()
        scheduler.plan(now: now, memory: memory(), into: &step)
        for action in step.preparation { execute(action) }
        guard !step.entries.isEmpty else { return }
        pass.run(step) { self.job($0) }
        actions.removeAll(keepingCapacity: true)
        scheduler.take(pass.outcomes, of: step, into: &actions)
        for action in actions { execute(action) }
        resume()
    }

    var now: Duration { clock.now - beginning }

    private func admit() {
        while let first = scheduler.firstInLine {
            // What the next in line holds of its own is in its cost already, where it can't be given up.
            guard let action = scheduler.admit(now: now, memory: memory(without: job(first))) else { return }
            execute(action)
        }
    }

    private func memory(without job: EngineJob? = nil) -> SchedulerMemory {
        prefixes.takeEnds()
        let usage = pages.usage
        // Scratch memory gives way to pages.
        let idle = min(prefixes.idleByteCount, usage.live)
        return SchedulerMemory(
            budgetByteCount: pages.byteBudget ?? .max,
            usedByteCount: usage.live + usage.cached
                - (job.map { prefixes.isIdle($0.sequence) ? 0 : $0.sequence.byteCount } ?? 0),
            evictableByteCount: usage.cached + idle)
    }

    private func execute(_ action: SchedulerAction) {
        switch action {
        case .admit(let id, _):
            guard let job = job(id) else { return }
            // Until now others could have had its pages.
            prefixes.wake(job.sequence)
            job.sequence.begin()
            lookUp(job, id)
        case .preempt(let id):
            guard let job = job(id) else { return }
            abandonPages(of: id)
            job.sequence.preempt()
        case .refuse(let id, let reason):
            end(id, .failure(ModelError.cache(refusal(reason))))
        case .fail(let id):
            let failure = pass.failure(of: id, in: step)
            if case ModelError.cache(let error) = failure { _ = prefixes.store.drop(damaged: error) }
            end(id, .failure(failure))
        case .resume: resumptions.append(action)
        case .computed(let id, _, _):
            finishEntry(id)
        }
    }

    /// Hands out what an entry's pass gave, and ends the job where nothing comes after it.
    private func finishEntry(_ id: SequenceID) {
        guard let job = job(id), let index = step.entries.firstIndex(where: { $0.sequence == id }) else {
            return
        }
        let entry = step.entries[index]
        notePages(of: job, id)
        if let logits = pass.logits(index), logits.rowCount > 0 {
            do {
                let end = entry.firstToken + entry.tokenCount
                let given = try job.take(logits, end - logits.rowCount..<end)
                scheduler.feed(id, tokenCount: given, wants: job.wants)
            } catch {
                end(id, .failure(error))
                return
            }
        }
        if let (computed, all) = scheduler.progress(of: id), computed == all { end(id, .success(())) }
    }

    private func refusal(_ reason: MemoryRefusal) -> CacheError {
        let inUse = pages.usage.live
        return switch reason {
        case .exceedsBudget(let byteCount, let budget), .exceedsAvailable(let byteCount, _, let budget):
            .outOfMemory(byteCount: byteCount, inUse: inUse, budget: budget)
        case .refusedPages: .outOfMemory(byteCount: 0, inUse: inUse, budget: pages.byteBudget)
        }
    }

    // MARK: Jobs

    func job(_ id: SequenceID) -> EngineJob? { jobs.first { $0.id == id } }

    func end(_ id: SequenceID, _ result: Result<Void, any Error>) {
        scheduler.remove(id)
        abandonPages(of: id)
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
        let job = jobs.remove(at: index)
        if job.sequence.root?.isShared == true { prefixes.store.noteTurnEnd(job.sequence.cache) }
        prefixes.rest(job.sequence, having: job.reached)
        job.end(result)
    }
}
