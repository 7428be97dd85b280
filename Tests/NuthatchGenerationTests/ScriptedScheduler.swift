import NuthatchCache
import NuthatchGeneration
import NuthatchModels

/// A scheduler with a fake clock and a memory that is set by hand, for tests of single rules.
struct ScriptedScheduler {
    var scheduler: Scheduler
    var memory: SchedulerMemory
    var now = Duration.zero
    var step = ScheduledStep()
    let cost: SequenceCost

    init(
        rowCount: Int = 512, mixedPromptRowCount: Int = 128, decodingTokenCount: Int = 1,
        runningCount: Int = 256,
        budget: Int = 1 << 40, cost: SequenceCost? = nil
    ) throws {
        scheduler = Scheduler(
            limits: try SchedulerLimits(
                rowCount: rowCount, mixedPromptRowCount: mixedPromptRowCount,
                decodingTokenCount: decodingTokenCount, runningCount: runningCount))
        self.cost = try cost ?? .example()
        memory = SchedulerMemory(budgetByteCount: budget, usedByteCount: 0)
    }

    /// A sequence at the end of the line with a prompt of `tokenCount` tokens.
    mutating func add(_ tokenCount: Int, wants: LogitRows = .last) -> SequenceID {
        let id = scheduler.add(cost: cost)
        scheduler.feed(id, tokenCount: tokenCount, wants: wants)
        return id
    }

    @discardableResult
    mutating func admitAll() -> [SchedulerAction] {
        var actions: [SchedulerAction] = []
        while let action = scheduler.admit(now: now, memory: memory) { actions.append(action) }
        return actions
    }

    mutating func plan() -> [ScheduledStep.Entry] {
        scheduler.plan(now: now, memory: memory, into: &step)
        return step.entries
    }

    /// What follows when the last plan's entries end as `outcome` says, all of them computed by default.
    @discardableResult
    mutating func take(_ outcome: (ScheduledStep.Entry) -> EntryOutcome = { _ in .computed })
        -> [SchedulerAction]
    {
        var actions: [SchedulerAction] = []
        scheduler.take(step.entries.map(outcome), of: step, into: &actions)
        return actions
    }

    /// Admits, plans and computes, with the memory counted as the planner does; each sequence whose logits come is fed
    /// another token.
    ///
    /// - Returns: tokens of the step by sequence.
    mutating func round() -> [SequenceID: Int] {
        count()
        admitAll()
        _ = plan()
        for case .computed(let id, _, .last) in take() { scheduler.feed(id, tokenCount: 1, wants: .last) }
        count()
        return Dictionary(uniqueKeysWithValues: step.entries.map { ($0.sequence, $0.tokenCount) })
    }

    /// A round that keeps its lists, and asks for admission as an engine does.
    mutating func decode(_ outcomes: [EntryOutcome], into actions: inout [SchedulerAction]) {
        actions.removeAll(keepingCapacity: true)
        _ = scheduler.admit(now: now, memory: memory)
        scheduler.plan(now: now, memory: memory, into: &step)
        scheduler.take(outcomes, of: step, into: &actions)
        for case .computed(let id, _, .last) in actions { scheduler.feed(id, tokenCount: 1, wants: .last) }
    }

    /// Sequences of `promptCount` tokens each that have computed those and have one token more to compute.
    mutating func decoding(_ count: Int, promptCount: Int = 1) -> [SequenceID] {
        let ids = (0..<count).map { _ in add(promptCount) }
        while ids.contains(where: { scheduler.progress(of: $0)?.computedCount ?? 0 < promptCount }) {
            _ = round()
        }
        return ids
    }

    /// What running sequences take, as used bytes.
    mutating func count() {
        memory.usedByteCount = scheduler.runningSequences.reduce(0) { sum, id in
            let computedCount = scheduler.progress(of: id)?.computedCount ?? 0
            return sum + (computedCount > 0 ? cost.byteCount(tokenCount: computedCount) : 0)
        }
    }
}

extension SequenceCost {
    /// One layer, 16 tokens and 4 KiB a page unless told otherwise.
    static func example(
        retentions: [Retention] = [.full], configuration: CacheConfiguration? = nil, rowCount: Int = 512
    ) throws -> SequenceCost {
        let layers = retentions.map {
            LayerGeometry(kvHeadCount: 1, keyDimension: 32, valueDimension: 32, retention: $0)
        }
        let configuration =
            try configuration
            ?? CacheConfiguration(
                keyStorage: .f32, valueStorage: .f32, pageLength: 16)
        return try SequenceCost(try CachePlan(configuration, layers: layers), rowCount: rowCount)
    }

    var pageByteCount: Int { byteCount(tokenCount: 1) }
}
