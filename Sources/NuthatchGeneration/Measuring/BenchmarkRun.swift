import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// The repetitions of a `Benchmark`, clients of the engine as sessions are.
actor BenchmarkRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }
    private let clock = ContinuousClock()
    private var generator = SeededGenerator(seed: 1)
    private var sequences: [CachedSequence] = []
    private var firstTokenSeconds: [Double] = []
    private var betweenTokenSeconds: [Double] = []
    private var cachedTokenCount = 0

    init(model: LanguageModel) { self.model = model }

    func measure(_ workload: Benchmark.Workload, _ cache: CacheOptions) async throws -> Benchmark.Figures {
        var prefill: [Double] = []
        var decode: [Double] = []
        var kvByteCount = 0
        for repetition in 0..<workload.warmUpCount + workload.repetitionCount {
            if repetition == workload.warmUpCount {
                firstTokenSeconds = []
                betweenTokenSeconds = []
            }
            sequences = []
            cachedTokenCount = 0
            // Each repetition finds what itself computed and nothing before.
            let sharing =
                workload.sharedPrefixTokenCount > 0
                ? PrefixSharing.group("repetition \(repetition) of \(ObjectIdentifier(self).hashValue)")
                : .private
            for _ in 0..<workload.sequenceCount {
                sequences.append(try CachedSequence(model: model, cache: cache, sharing: sharing))
            }
            for sequence in sequences {
                try await sequence.compute(tokens(workload.depth)[...], logits: .none)
            }
            let prefillSeconds = try await prompts(workload)
            let decodeSeconds = try await answers(workload)
            kvByteCount = model.engine.pages.usage.live
            sequences.first?.forgetGroup()
            guard repetition >= workload.warmUpCount else { continue }
            prefill.append(prefillSeconds)
            decode.append(
                Double(workload.generatedTokenCount * workload.sequenceCount) / decodeSeconds)
        }
        sequences = []
        let decodeRate = workload.generatedTokenCount > 0 ? Benchmark.median(decode) : nil
        let prefillSeconds = Benchmark.median(prefill)
        let bytesPerStep = Double(model.network.weightByteCount + kvByteCount)
        return Benchmark.Figures(
            prefillSeconds: prefillSeconds,
            prefillTokensPerSecond: Double(workload.promptTokenCount * workload.sequenceCount)
                / prefillSeconds,
            decodeTokensPerSecond: decodeRate, cachedTokenCount: cachedTokenCount, kvByteCount: kvByteCount,
            decodeBytesPerSecond: workload.usesCache
                ? decodeRate.map { $0 / Double(workload.sequenceCount) * bytesPerStep } : nil,
            timeToFirstToken: Benchmark.Spread(firstTokenSeconds),
            timeBetweenTokens: Benchmark.Spread(betweenTokenSeconds))
    }

    // MARK: Prompts

    /// Computes a prompt of each sequence; returns the seconds from the first one's start to the last one's end.
    private func prompts(_ workload: Benchmark.Workload) async throws -> Double {
        let shared = tokens(workload.sharedPrefixTokenCount)
        let prompts = sequences.map { _ in shared + tokens(workload.promptTokenCount - shared.count) }
        let beginning = clock.now
        if workload.isInTurn {
            for (index, prompt) in prompts.enumerated() {
                try await self.prompt(prompt, index, from: clock.now)
            }
            return (clock.now - beginning) / .seconds(1)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask { try await self.prompt(prompt, index, from: beginning) }
            }
            try await group.waitForAll()
        }
        return (clock.now - beginning) / .seconds(1)
    }

    private func prompt(_ tokens: [TokenID], _ index: Int, from beginning: ContinuousClock.Instant)
        async throws
    {
        cachedTokenCount += try await sequences[index].compute(tokens[...])
        firstTokenSeconds.append((clock.now - beginning) / .seconds(1))
    }

    // MARK: Answers

    /// Goes on with each sequence, all together; returns the seconds that took.
    private func answers(_ workload: Benchmark.Workload) async throws -> Double {
        guard workload.generatedTokenCount > 0 else { return 0 }
        let answers = sequences.map { _ in tokens(workload.generatedTokenCount) }
        let beginning = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, answer) in answers.enumerated() {
                group.addTask {
                    if workload.usesCache {
                        try await self.answer(answer, index)
                    } else {
                        try await self.answerAnew(answer, index)
                    }
                }
            }
            try await group.waitForAll()
        }
        return (clock.now - beginning) / .seconds(1)
    }

    private func answer(_ tokens: [TokenID], _ index: Int) async throws {
        var rest = tokens.dropFirst()
        var last = clock.now
        try await sequences[index].generate(behind: tokens.prefix(1)) { _ in
            let now = self.clock.now
            self.betweenTokenSeconds.append((now - last) / .seconds(1))
            last = now
            return rest.popFirst()
        }
    }

    /// Without a cache: everything is computed again for every token.
    private func answerAnew(_ tokens: [TokenID], _ index: Int) async throws {
        let sequence = sequences[index]
        for token in tokens {
            let beginning = clock.now
            let all = sequence.tokens + [token]
            sequence.reset()
            try await sequence.compute(all[...])
            betweenTokenSeconds.append((clock.now - beginning) / .seconds(1))
        }
    }

    private func tokens(_ count: Int) -> [TokenID] {
        (0..<count).map { _ in TokenID(generator.next() % UInt64(model.vocabularySize)) }
    }
}
