import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import Testing

/// Thousands of schedules drawn from seeds, held against the laws of scheduling by an engine that keeps its own books.
@Suite struct SchedulerReplayTests {
    /// Small rows, small pages, tight budgets and several kinds of caches, all of which follow from the seed.
    private func engine(seed: UInt64, accidents: SimulatedEngine.Accidents) throws -> SimulatedEngine {
        var chance = SeededGenerator(seed: seed ^ 0xA5A5)
        let rowCount = Int.random(in: 2...40, using: &chance)
        let limits = try SchedulerLimits(
            rowCount: rowCount, mixedPromptRowCount: Int.random(in: 1...rowCount, using: &chance),
            decodingTokenCount: Int.random(in: 1...max(1, rowCount / 4), using: &chance),
            runningCount: Int.random(in: 2...8, using: &chance))
        let kinds = [
            try SequenceCost.example(rowCount: rowCount),
            try SequenceCost.example(retentions: [.full, .window(length: 20)], rowCount: rowCount),
            try SequenceCost.example(
                configuration: .init(growth: .reserved(tokenCount: 170), pageLength: 16, chunkLength: 8)),
            try SequenceCost.example(
                configuration: .init(
                    keyStorage: .quantized(
                        Quantization(bitCount: 4, method: .affine, axis: .token, groupLength: 32)),
                    residualLength: 16, pageLength: 16),
                rowCount: rowCount),
        ]
        let costs = Array(kinds.shuffled(using: &chance).prefix(Int.random(in: 1...2, using: &chance)))
        // From too little for one long sequence to enough for two; most prompts fit many times.
        let most = costs.map { $0.peakByteCount(tokenCount: 161) }.max() ?? 0
        return SimulatedEngine(
            seed: seed, limits: limits, costs: costs,
            budget: Int.random(in: most * 4 / 5...most * 2, using: &chance),
            accidents: accidents)
    }

    private func run(_ seed: UInt64, _ accidents: SimulatedEngine.Accidents) throws -> SimulatedEngine {
        var engine = try engine(seed: seed, accidents: accidents)
        engine.run(arrivals: 5, promptLimit: 25, answerLimit: 120, stepLimit: 20_000)
        return engine
    }

    @Test(
        "Every schedule ends, every sequence finishes or is refused, and no law is broken", arguments: 0..<7)
    func lawsHold(part: Int) throws {
        var preemptionCount = 0
        for seed in UInt64(part) * 100..<UInt64(part + 1) * 100 {
            let engine = try run(seed, [])
            #expect(engine.violations.isEmpty, "seed \(seed): \(engine.violations.prefix(3))")
            #expect(engine.clients.allSatisfy { $0.place == .finished || $0.place == .refused })
            preemptionCount += engine.preemptionCount
        }
        // Else the budgets are too kind to show anything.
        #expect(preemptionCount > 5)
    }

    @Test("Cancellations, failures, refused pages and waits break no law either", arguments: 0..<14)
    func lawsHoldWithAccidents(part: Int) throws {
        for seed in UInt64(part) * 100..<UInt64(part + 1) * 100 {
            let engine = try run(10_000 + seed, .all)
            #expect(engine.violations.isEmpty, "seed \(seed): \(engine.violations.prefix(3))")
        }
    }

    @Test func theSameSeedGivesTheSameDecisions() throws {
        for seed in UInt64(0)..<50 {
            let (first, second) = (try run(seed, .all), try run(seed, .all))
            #expect(first.trace == second.trace && first.entries == second.entries)
            #expect(first.scheduler == second.scheduler && first.stepCount == second.stepCount)
        }
    }

    @Test func twoThatDoNotFitTogetherBothFinish() throws {
        // Alone each takes eight pages; there are from eight to fifteen.
        let cost = try SequenceCost.example()
        var preemptionCount = 0
        for pageCount in 8...15 {
            for seed in UInt64(0)..<20 {
                var engine = SimulatedEngine(
                    seed: seed, limits: try SchedulerLimits(rowCount: 16, mixedPromptRowCount: 8),
                    costs: [cost],
                    budget: pageCount * cost.pageByteCount, accidents: [])
                engine.run(arrivals: 4, promptLimit: 20, answerLimit: 92, stepLimit: 3_000)
                #expect(
                    engine.violations.isEmpty,
                    "\(pageCount) pages, seed \(seed): \(engine.violations.prefix(3))")
                #expect(engine.clients.allSatisfy { $0.place == .finished })
                preemptionCount += engine.preemptionCount
            }
        }
        #expect(preemptionCount > 100)
    }
}
