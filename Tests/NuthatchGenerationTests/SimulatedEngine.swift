import NuthatchGeneration
import NuthatchModels

/// What an engine does around a scheduler, with chance in place of clients, caches and accidents: everything is drawn from a
/// seed. It keeps its own books, and notes where the scheduler's decisions don't agree with them.
struct SimulatedEngine {
    /// What may happen beside computing.
    struct Accidents: OptionSet {
        let rawValue: Int
        static let cancellations = Accidents(rawValue: 1)
        static let failures = Accidents(rawValue: 2)
        static let refusedPages = Accidents(rawValue: 4)
        static let pageWaits = Accidents(rawValue: 8)
        static let all: Accidents = [.cancellations, .failures, .refusedPages, .pageWaits]
    }

    /// A sequence in the engine's own books.
    struct Client {
        enum Place { case line, running, finished, refused, failed, cancelled }

        let id: SequenceID
        let cost: SequenceCost
        var place = Place.line
        var tokenCount: Int
        /// Tokens it will still choose, each when the logits of the one before are there.
        var answerLeft: Int
        var computedCount = 0 {
            didSet { heldByteCount = computedCount > 0 ? cost.byteCount(tokenCount: computedCount) : 0 }
        }
        private(set) var heldByteCount = 0
        /// Tokens of its prefix that the index still has, of which some may come back.
        var cachedCount = 0
        var pageWait: (key: PageKey, deadline: Duration)?
        var preemptionCount = 0

        var cachedByteCount: Int { cachedCount > 0 ? cost.byteCount(tokenCount: cachedCount) : 0 }
        var hasEnded: Bool { place != .line && place != .running }
    }

    let limits: SchedulerLimits
    let budget: Int
    let accidents: Accidents
    private(set) var scheduler: Scheduler
    private(set) var clients: [Client] = []
    private(set) var violations: [String] = []
    /// Every decision in order.
    private(set) var trace: [SchedulerAction] = []
    private(set) var entries: [ScheduledStep.Entry] = []
    private(set) var stepCount = 0
    private(set) var preemptionCount = 0
    private var now = Duration.zero
    private var step = ScheduledStep()
    private var chance: SeededGenerator
    private let costs: [SequenceCost]

    init(seed: UInt64, limits: SchedulerLimits, costs: [SequenceCost], budget: Int, accidents: Accidents) {
        self.limits = limits
        self.costs = costs
        self.budget = budget
        self.accidents = accidents
        scheduler = Scheduler(limits: limits)
        chance = SeededGenerator(seed: seed)
    }

    private mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }

    private mutating func happens(_ accident: Accidents, oneIn count: Int) -> Bool {
        accidents.contains(accident) && draw(1...count) == 1
    }

    private mutating func expect(_ condition: Bool, _ id: SequenceID?, _ what: StaticString) {
        if !condition { violations.append("step \(stepCount): \(id.map(\.description) ?? "") \(what)") }
    }

    private func index(_ id: SequenceID) -> Int { clients.firstIndex { $0.id == id } ?? 0 }

    // MARK: Rounds

    /// Runs until all of `arrivals` sequences have come and ended, or `stepLimit` rounds.
    mutating func run(arrivals: Int, promptLimit: Int, answerLimit: Int, stepLimit: Int) {
        while (clients.count < arrivals || clients.contains { !$0.hasEnded }) && stepCount < stepLimit {
            if clients.count < arrivals, draw(1...3) > 1 || clients.allSatisfy(\.hasEnded) {
                arrive(draw(1...promptLimit), draw(0...answerLimit))
            }
            round()
            now += .milliseconds(5)
            stepCount += 1
        }
        expect(clients.count == arrivals && clients.allSatisfy(\.hasEnded), nil, "not all have ended")
        expect(scheduler.runningSequences.isEmpty && scheduler.waitingSequences.isEmpty, nil, "some are left")
    }

    private mutating func arrive(_ promptCount: Int, _ answerCount: Int) {
        let cost = costs[draw(0...costs.count - 1)]
        let id = scheduler.add(cost: cost)
        scheduler.feed(id, tokenCount: promptCount, wants: .last)
        clients.append(Client(id: id, cost: cost, tokenCount: promptCount, answerLeft: answerCount))
    }

    private mutating func round() {
        endPageWaits()
        if happens(.cancellations, oneIn: 12) { cancelOne() }
        while let action = scheduler.admit(now: now, memory: memory) { execute(action) }
        scheduler.plan(now: now, memory: memory, into: &step)
        for action in step.preparation { execute(action) }
        checkEntries()
        if happens(.cancellations, oneIn: 12) { cancelOne() }
        let refusesPages = happens(.refusedPages, oneIn: 6)
        var outcomes: [EntryOutcome] = []
        for _ in step.entries {
            let outcome: EntryOutcome =
                refusesPages && draw(1...2) == 1
                ? .outOfMemory : happens(.failures, oneIn: 60) ? .failed : .computed
            outcomes.append(outcome)
        }
        var actions: [SchedulerAction] = []
        scheduler.take(outcomes, of: step, into: &actions)
        for action in actions { execute(action) }
        entries += step.entries
    }

    private var memory: SchedulerMemory {
        let held = clients.reduce(0) { $0 + $1.heldByteCount }
        let cached = clients.reduce(0) { $0 + $1.cachedByteCount }
        return SchedulerMemory(
            budgetByteCount: budget, usedByteCount: held + cached, evictableByteCount: cached)
    }

    // MARK: Execution

    private mutating func execute(_ action: SchedulerAction) {
        trace.append(action)
        switch action {
        case .admit(let id, let attachable): admit(index(id), attachable)
        case .preempt(let id):
            let index = index(id)
            expect(clients[index].place == .running, id, "is preempted and does not run")
            expect(clients.contains { $0.place == .running && $0.id != id }, id, "ran alone and is preempted")
            expect(!clients.contains { $0.place == .running && $0.id > id }, id, "is not the youngest")
            clients[index].cachedCount = clients[index].computedCount / 16 * 16
            clients[index].computedCount = 0
            clients[index].pageWait = nil
            clients[index].place = .line
            clients[index].preemptionCount += 1
            preemptionCount += 1
        case .refuse(let id, _): end(index(id), .refused)
        case .fail(let id): end(index(id), .failed)
        case .resume(let id, let end):
            let index = index(id)
            expect(clients[index].pageWait != nil, id, "is resumed and does not wait")
            expect(
                end != .late || clients[index].pageWait?.deadline ?? now <= now, id, "is resumed too early")
            clients[index].pageWait = nil
        case .computed(let id, let tokenCount, let logits): computed(index(id), tokenCount, logits)
        }
    }

    private mutating func admit(_ index: Int, _ attachable: Int) {
        expect(clients[index].place == .line, clients[index].id, "is admitted and not in line")
        clients[index].place = .running
        clients[index].pageWait = nil
        let attached = min(attachable, draw(0...clients[index].cachedCount) / 16 * 16)
        clients[index].cachedCount = 0
        clients[index].computedCount = attached
        expect(scheduler.attach(clients[index].id, tokenCount: attached), clients[index].id, "can't attach")
        if happens(.pageWaits, oneIn: 4) {
            let key = PageKey(UInt64(draw(0...2)))
            let deadline = now + .milliseconds(draw(0...100))
            clients[index].pageWait = (key, deadline)
            scheduler.wait(clients[index].id, for: key, until: deadline)
        }
    }

    private mutating func computed(_ index: Int, _ tokenCount: Int, _ logits: LogitRows) {
        clients[index].computedCount += tokenCount
        let isThere = clients[index].computedCount == clients[index].tokenCount
        expect(isThere == (logits == .last), clients[index].id, "has other logits than it wanted")
        guard isThere else { return }
        guard clients[index].answerLeft > 0 else {
            scheduler.remove(clients[index].id)
            end(index, .finished)
            return
        }
        clients[index].answerLeft -= 1
        clients[index].tokenCount += 1
        scheduler.feed(clients[index].id, tokenCount: 1, wants: .last)
    }

    private mutating func end(_ index: Int, _ place: Client.Place) {
        expect(!clients[index].hasEnded, clients[index].id, "ends twice")
        clients[index].place = place
        clients[index].computedCount = 0
        clients[index].cachedCount = 0
        clients[index].pageWait = nil
    }

    private mutating func cancelOne() {
        let there = clients.indices.filter { !clients[$0].hasEnded }
        guard !there.isEmpty else { return }
        let index = there[draw(0...there.count - 1)]
        expect(scheduler.remove(clients[index].id), clients[index].id, "was unknown")
        end(index, .cancelled)
    }

    private mutating func endPageWaits() {
        guard happens(.pageWaits, oneIn: 5) else { return }
        let key = PageKey(UInt64(draw(0...2)))
        var actions: [SchedulerAction] = []
        if draw(0...1) == 0 {
            scheduler.arrived(key, into: &actions)
        } else {
            scheduler.abandoned(key, into: &actions)
        }
        for action in actions { execute(action) }
    }

    // MARK: Laws

    private mutating func checkEntries() {
        expect(step.rowCount <= limits.rowCount, nil, "more rows than a step has")
        var seen: Set<SequenceID> = []
        var promptRowCount = 0
        var decodes = false
        var growth = 0
        for entry in step.entries {
            let client = clients[index(entry.sequence)]
            expect(seen.insert(entry.sequence).inserted, client.id, "has two entries")
            expect(client.place == .running && client.pageWait == nil, client.id, "has an entry and may not")
            expect(entry.firstToken == client.computedCount, client.id, "does not go on where it was")
            expect(
                (1...client.tokenCount - client.computedCount).contains(entry.tokenCount),
                client.id, "computes tokens that it has not")
            if client.tokenCount - client.computedCount <= limits.decodingTokenCount {
                decodes = true
            } else {
                promptRowCount += entry.tokenCount
            }
            growth +=
                client.cost.byteCount(tokenCount: client.computedCount, newTokenCount: entry.tokenCount)
                - client.heldByteCount
        }
        expect(
            !decodes || promptRowCount <= limits.mixedPromptRowCount,
            nil, "too many prompt rows beside decoding")
        expect(growth <= memory.availableByteCount, nil, "the step takes more than there is")
        // Cached pages are given up as they are needed.
        var exceeding = memory.usedByteCount + growth - budget
        for index in clients.indices where exceeding > 0 {
            exceeding -= clients[index].cachedByteCount
            clients[index].cachedCount = 0
        }
    }
}
