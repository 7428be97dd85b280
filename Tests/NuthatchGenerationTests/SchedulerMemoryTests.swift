import NuthatchGeneration
import NuthatchModels
import Testing

/// Who is admitted, who gives way and who is refused. Pages have 16 tokens here, and one layer.
@Suite struct SchedulerMemoryTests {
    /// A memory of so many pages.
    private func script(pageCount: Int, runningCount: Int = 256) throws -> ScriptedScheduler {
        let cost = try SequenceCost.example()
        return try ScriptedScheduler(
            runningCount: runningCount, budget: pageCount * cost.pageByteCount, cost: cost)
    }

    @Test func aSequenceIsAdmittedWhereItsPromptAndAPageMoreFit() throws {
        var script = try script(pageCount: 8)
        let page = script.cost.pageByteCount
        let (first, second, third) = (script.add(40), script.add(60), script.add(1))
        #expect(script.admitAll() == [.admit(first, attachableTokenCount: 39)])
        #expect(
            script.scheduler.waitingReason(of: second)
                == .memory(byteCount: 5 * page, availableByteCount: 4 * page))
        // First come, first served: the small one would fit.
        #expect(script.scheduler.waitingReason(of: third) == .line(aheadCount: 1))
        script.scheduler.remove(first)
        #expect(
            script.admitAll() == [
                .admit(second, attachableTokenCount: 59), .admit(third, attachableTokenCount: 0),
            ])
    }

    @Test func whatRunningSequencesHoldAndWillNeedIsCountedOnce() throws {
        var script = try script(pageCount: 10)
        let first = script.add(40)
        #expect(script.round() == [first: 40])
        // Three pages used, and one more that the first may begin: six are left, and 80 tokens and a page are that.
        let second = script.add(80)
        #expect(script.admitAll() == [.admit(second, attachableTokenCount: 79)])
        let third = script.add(1)
        #expect(script.admitAll() == [])
        #expect(
            script.scheduler.waitingReason(of: third)
                == .memory(byteCount: 2 * script.cost.pageByteCount, availableByteCount: 0))
    }

    @Test func cachedPrefixesAreRoom() throws {
        var script = try script(pageCount: 8)
        let page = script.cost.pageByteCount
        script.memory = SchedulerMemory(
            budgetByteCount: 8 * page, usedByteCount: 8 * page, evictableByteCount: 5 * page)
        let (fits, exceeds) = (script.add(64), script.add(65))
        #expect(script.admitAll() == [.admit(fits, attachableTokenCount: 63)])
        script.scheduler.remove(fits)
        // Nobody runs whose end would make room.
        #expect(
            script.admitAll() == [
                .refuse(
                    exceeds,
                    .exceedsAvailable(
                        byteCount: 6 * page, availableByteCount: 5 * page, budgetByteCount: 8 * page))
            ])
    }

    @Test func whatCanNeverFitIsRefusedAtOnceWhereverItIsInLine() throws {
        var script = try script(pageCount: 4)
        let page = script.cost.pageByteCount
        let (first, second, large) = (script.add(40), script.add(40), script.add(49))
        #expect(
            script.admitAll() == [
                .refuse(large, .exceedsBudget(byteCount: 5 * page, budgetByteCount: 4 * page)),
                .admit(first, attachableTokenCount: 39),
            ])
        #expect(script.scheduler.waitingSequences == [second])
    }

    @Test func noMoreRunThanMay() throws {
        var script = try script(pageCount: 100, runningCount: 2)
        let ids = (0..<3).map { _ in script.add(5) }
        #expect(script.admitAll().count == 2)
        #expect(script.scheduler.waitingReason(of: ids[2]) == .places(runningCount: 2))
    }

    @Test func theYoungestGivesWayAndComputesAgainWhatTheCacheHasLost() throws {
        var script = try script(pageCount: 6)
        let (old, young) = (script.add(30), script.add(30))
        _ = script.round()
        // Both grow from two pages to three, then the older to a fourth.
        for _ in 0..<18 { #expect(script.round() == [old: 1, young: 1]) }
        #expect(script.round() == [old: 1])
        #expect(script.step.preparation == [.preempt(young)])
        #expect(script.scheduler.progress(of: young)?.computedCount == 0)
        #expect(script.scheduler.progress(of: young)?.tokenCount == 49)
        #expect(script.scheduler.waitingSequences == [young])
        script.scheduler.remove(old)
        script.count()
        #expect(script.admitAll() == [.admit(young, attachableTokenCount: 48)])
        #expect(script.scheduler.attach(young, tokenCount: 32) == true)
        #expect(script.plan() == [.init(sequence: young, firstToken: 32, tokenCount: 17, logits: .last)])
    }

    @Test func thePreemptedGoesBeforeAllThatCameAfterIt() throws {
        var script = try script(pageCount: 8)
        let ids = [script.add(30), script.add(30)]
        _ = script.round()
        let later = script.add(100)
        for _ in 0..<60 where script.scheduler.runningSequences == ids { _ = script.round() }
        #expect(script.scheduler.waitingSequences == [ids[1], later])
    }

    @Test func oneThatWaitsForItsClientComesBackOnlyWhenFed() throws {
        var script = try script(pageCount: 7)
        let (old, idle) = (script.add(30), script.add(40))
        script.admitAll()
        _ = script.plan()
        script.take()
        for _ in 0..<40 {
            script.scheduler.feed(old, tokenCount: 1, wants: .last)
            script.count()
            _ = script.plan()
            script.take()
        }
        #expect(script.scheduler.runningSequences == [old])
        script.scheduler.remove(old)
        script.count()
        #expect(script.admitAll() == [])
        #expect(script.scheduler.waitingReason(of: idle) == .nothingToCompute)
        script.scheduler.feed(idle, tokenCount: 1, wants: .last)
        #expect(script.admitAll() == [.admit(idle, attachableTokenCount: 40)])
    }

    @Test func theLastOneIsCutToWhatFitsAndRefusedWhereNothingDoes() throws {
        var script = try script(pageCount: 8)
        let page = script.cost.pageByteCount
        let id = script.add(100)
        script.admitAll()
        // Someone outside has taken pages meanwhile.
        script.memory.usedByteCount = 5 * page
        #expect(script.plan() == [.init(sequence: id, firstToken: 0, tokenCount: 48, logits: .none)])
        script.take()
        script.memory.usedByteCount = 8 * page
        #expect(script.plan().isEmpty)
        #expect(
            script.step.preparation == [
                .refuse(
                    id,
                    .exceedsAvailable(
                        byteCount: 4 * page, availableByteCount: 3 * page, budgetByteCount: 8 * page))
            ])
    }

    @Test func nobodyGivesWayToOneThatOutgrowsTheWholeBudget() throws {
        var script = try script(pageCount: 4)
        let page = script.cost.pageByteCount
        let large = script.add(47)
        _ = script.round()
        for _ in 0..<17 { #expect(script.round() == [large: 1]) }
        let small = script.add(1)
        // Admitted by numbers that leave out what the large one holds.
        script.memory.usedByteCount = 0
        script.admitAll()
        script.scheduler.attach(small, tokenCount: 0)
        script.count()
        #expect(script.plan().map(\.sequence) == [small])
        #expect(
            script.step.preparation == [
                .refuse(large, .exceedsBudget(byteCount: 5 * page, budgetByteCount: 4 * page))
            ])
    }

    @Test func refusedPagesMakeTheYoungestGiveWayAndAdmitNobodyUntilAStepSucceeds() throws {
        var script = try script(pageCount: 100)
        let ids = (0..<3).map { _ in script.add(20) }
        _ = script.round()
        let later = script.add(5)
        _ = script.plan()
        #expect(
            script.take { $0.sequence == ids[0] ? .outOfMemory : .computed } == [
                .computed(ids[1], tokenCount: 1, logits: .last),
                .computed(ids[2], tokenCount: 1, logits: .last),
            ])
        #expect(script.admitAll() == [])
        #expect(script.scheduler.waitingReason(of: later) == .refusedPages)
        // What was refused is tried again, and the youngest is gone.
        #expect(script.plan() == [.init(sequence: ids[0], firstToken: 20, tokenCount: 1, logits: .last)])
        #expect(script.step.preparation == [.preempt(ids[2])])
        #expect(script.admitAll() == [])
        script.take()
        #expect(script.admitAll().count == 1)
    }

    @Test func whoIsRefusedPagesAloneIsRefused() throws {
        var script = try script(pageCount: 100)
        let (old, young) = (script.add(20), script.add(20))
        script.admitAll()
        _ = script.plan()
        #expect(script.take { _ in .outOfMemory } == [])
        #expect(script.plan().map(\.sequence) == [old])
        #expect(script.take { _ in .outOfMemory } == [.refuse(old, .refusedPages)])
        // Nobody is left to wait for.
        #expect(script.admitAll() == [.admit(young, attachableTokenCount: 19)])
    }

    @Test func onlyTokensBeforeTheWantedOnesAreAttached() throws {
        var script = try script(pageCount: 100)
        let id = script.add(64)
        #expect(script.scheduler.attach(id, tokenCount: 16) == false)
        script.admitAll()
        #expect(script.scheduler.attach(id, tokenCount: 64) == false)
        #expect(script.scheduler.attach(id, tokenCount: 48) == true)
        #expect(script.plan() == [.init(sequence: id, firstToken: 48, tokenCount: 16, logits: .last)])
    }
}
