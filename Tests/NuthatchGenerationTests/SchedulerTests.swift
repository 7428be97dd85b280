import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import Testing

/// Which rows of whom a step holds.
@Suite struct SchedulerTests {
    private func tokenCounts(_ entries: [ScheduledStep.Entry]) -> [Int] { entries.map(\.tokenCount) }

    @Test func aPromptAloneIsComputedInWholeChunksAndWantsLogitsOfItsLastTokenOnly() throws {
        var script = try ScriptedScheduler()
        let id = script.add(1_200)
        #expect(script.admitAll() == [.admit(id, attachableTokenCount: 1_199)])
        var steps: [[ScheduledStep.Entry]] = []
        for _ in 0..<3 {
            steps.append(script.plan())
            script.take()
        }
        #expect(
            steps == [
                [.init(sequence: id, firstToken: 0, tokenCount: 512, logits: .none)],
                [.init(sequence: id, firstToken: 512, tokenCount: 512, logits: .none)],
                [.init(sequence: id, firstToken: 1_024, tokenCount: 176, logits: .last)],
            ])
        #expect(script.plan().isEmpty && script.step.preparation.isEmpty)
        #expect(script.scheduler.waitingReason(of: id) == .nothingToCompute)
    }

    @Test func whoDecodesIsInEveryStepAndWaitsForOneShortChunkAtMost() throws {
        var script = try ScriptedScheduler()
        let decoding = script.decoding(5)
        let prompt = script.add(1_000)
        var promptTokenCounts: [Int] = []
        while promptTokenCounts.reduce(0, +) < 1_000 {
            let round = script.round()
            for id in decoding { #expect(round[id] == 1) }
            promptTokenCounts.append(try #require(round[prompt]))
        }
        #expect(promptTokenCounts == [128, 128, 128, 128, 128, 128, 128, 104])
    }

    @Test func moreThanAStepHoldsDecodeInTurn() throws {
        var script = try ScriptedScheduler(rowCount: 8, mixedPromptRowCount: 8)
        let decoding = script.decoding(20)
        var lastStep = Dictionary(uniqueKeysWithValues: decoding.map { ($0, 0) })
        for number in 1...60 {
            let round = script.round()
            #expect(round.count == 8)
            for id in round.keys {
                #expect(number - (lastStep[id] ?? 0) <= 3)
                lastStep[id] = number
            }
        }
        #expect(lastStep.values.allSatisfy { $0 > 57 })
    }

    @Test func howeverManyDecodeAPromptHasAQuarterOfTheRows() throws {
        var script = try ScriptedScheduler(rowCount: 8, mixedPromptRowCount: 8)
        _ = script.decoding(20)
        let prompt = script.add(11)
        let counts = (0..<6).map { _ in script.round()[prompt] }
        #expect(counts == [2, 2, 2, 2, 2, 1])
    }

    @Test func theOldestPromptHasThreeQuartersAndTheShortestOthersTheRest() throws {
        var script = try ScriptedScheduler()
        let (oldest, middle, short, shorter) = (
            script.add(2_000), script.add(900), script.add(70), script.add(60)
        )
        var rounds: [[SequenceID: Int]] = []
        for _ in 0..<3 { rounds.append(script.round()) }
        #expect(rounds[0] == [oldest: 384, shorter: 60, short: 68])
        // Two that are left with few tokens: one of them decodes, which makes the chunk shorter.
        #expect(rounds[1] == [shorter: 1, oldest: 96, short: 2, middle: 30])
        #expect(rounds[2] == [shorter: 1, short: 1, oldest: 96, middle: 32])
    }

    @Test func aShortPromptIsThroughBehindALongOneInItsShareOfSteps() throws {
        var script = try ScriptedScheduler()
        _ = script.add(30_000)
        let short = script.add(300)
        var stepCount = 0
        while script.scheduler.progress(of: short)?.computedCount ?? 0 < 300 {
            _ = script.round()
            stepCount += 1
        }
        #expect(stepCount == 3)
    }

    @Test func aPromptIsNotHeldUpByShorterOnesThatKeepComing() throws {
        var script = try ScriptedScheduler(rowCount: 16, mixedPromptRowCount: 16)
        let (first, second) = (script.add(100), script.add(90))
        var stepCount = 0
        while script.scheduler.progress(of: second)?.computedCount ?? 0 < 90 {
            _ = script.add(7, wants: .none)
            _ = script.round()
            stepCount += 1
            if stepCount == 9 { #expect(script.scheduler.progress(of: first)?.computedCount == 100) }
        }
        // ceil(100 / 12) and ceil(90 / 12), less what the second got of the rest.
        #expect(stepCount <= 9 + 8)
    }

    @Test func whatIsFedTwiceKeepsTheLogitsThatWereWantedFirst() throws {
        var script = try ScriptedScheduler()
        let id = script.add(10, wants: .none)
        script.scheduler.feed(id, tokenCount: 4, wants: .all)
        script.admitAll()
        // Logits of tokens in the middle of an entry can't be wanted, so it ends before those.
        #expect(script.plan() == [.init(sequence: id, firstToken: 0, tokenCount: 10, logits: .none)])
        script.take()
        #expect(script.plan() == [.init(sequence: id, firstToken: 10, tokenCount: 4, logits: .all)])
        #expect(script.take() == [.computed(id, tokenCount: 4, logits: .all)])
    }

    @Test func aLongerChunkThanACacheHasSetPagesAsideForIsNotPlanned() throws {
        let cost = try SequenceCost.example(
            configuration: .init(growth: .reserved(tokenCount: 1_000), chunkLength: 100))
        var script = try ScriptedScheduler(cost: cost)
        let id = script.add(250)
        #expect((0..<3).map { _ in script.round()[id] } == [100, 100, 50])
    }

    @Test func whatWasProposedAndNotTakenIsFedAnew() throws {
        var script = try ScriptedScheduler(decodingTokenCount: 4)
        let id = script.decoding(1, promptCount: 20)[0]
        script.scheduler.truncate(id, to: 20, computedCount: 20)
        script.scheduler.feed(id, tokenCount: 4, wants: .all)
        #expect(script.plan() == [.init(sequence: id, firstToken: 20, tokenCount: 4, logits: .all)])
        script.take()
        #expect(script.scheduler.truncate(id, to: 22, computedCount: 22) == true)
        #expect(script.plan().isEmpty)
        script.scheduler.feed(id, tokenCount: 1, wants: .last)
        #expect(script.plan() == [.init(sequence: id, firstToken: 22, tokenCount: 1, logits: .last)])
    }

    @Test func aRemovedSequenceIsInNoLaterStepAndItsOutcomeIsNobodysConcern() throws {
        var script = try ScriptedScheduler()
        let (kept, cancelled) = (script.add(10), script.add(10))
        script.admitAll()
        #expect(script.plan().count == 2)
        #expect(script.scheduler.remove(cancelled) == true)
        #expect(script.scheduler.remove(cancelled) == false)
        #expect(script.take() == [.computed(kept, tokenCount: 10, logits: .last)])
        #expect(script.scheduler.feed(cancelled, tokenCount: 1, wants: .last) == false)
        #expect(script.plan().isEmpty && script.scheduler.runningSequences == [kept])
    }

    @Test func aFailureEndsItsOwnSequence() throws {
        var script = try ScriptedScheduler()
        let ids = (0..<3).map { _ in script.add(10) }
        script.admitAll()
        _ = script.plan()
        let actions = script.take { $0.sequence == ids[1] ? .failed : .computed }
        #expect(
            actions == [
                .computed(ids[0], tokenCount: 10, logits: .last), .fail(ids[1]),
                .computed(ids[2], tokenCount: 10, logits: .last),
            ])
        #expect(script.scheduler.runningSequences == [ids[0], ids[2]])
    }

    @Test(arguments: [(1, 1, 1, 1), (8, 9, 1, 1), (8, 0, 1, 1), (8, 8, 5, 1), (8, 8, 0, 1), (8, 8, 1, 0)])
    func limitsThatLeaveNoRoomAreRefused(rows: Int, mixed: Int, decoding: Int, running: Int) {
        #expect(throws: NuthatchError.self) {
            try SchedulerLimits(
                rowCount: rows, mixedPromptRowCount: mixed, decodingTokenCount: decoding,
                runningCount: running)
        }
    }
}
