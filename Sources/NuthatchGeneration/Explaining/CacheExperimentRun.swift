import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// The two ways of a `CacheExperiment`, a client of the engine as sessions are.
actor CacheExperimentRun {
    private let model: LanguageModel
    private let cache: CacheOptions
    private let progress: @Sendable (CacheExperiment.Progress) -> Void
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }
    private let clock = ContinuousClock()
    /// What the way under way has given, and how long each took.
    private var tokens: [TokenID] = []
    private var seconds: [Double] = []
    private var doneCount = 0
    private var doneWork = 0.0
    private var totalWork = 1.0

    init(
        _ model: LanguageModel, cache: CacheOptions,
        progress: @escaping @Sendable (CacheExperiment.Progress) -> Void
    ) {
        self.model = model
        self.cache = cache
        self.progress = progress
    }

    func run(_ prompt: [TokenID], _ tokenCount: Int) async throws -> CacheExperiment {
        let decoder = try model.requireDecoder(for: "The experiment")
        let sequence = try CachedSequence(model: model, cache: cache)
        let plan = sequence.cache.plan
        let cachedWork = (0..<tokenCount).map { index in
            index == 0
                ? decoder.work(rowCount: prompt.count, behind: 0, in: plan)
                : decoder.work(rowCount: 1, behind: prompt.count + index - 1, in: plan)
        }
        let chunkLength = CacheConfiguration.defaultChunkLength
        let uncachedWork = (0..<tokenCount).map { index in
            let count = prompt.count + index
            return stride(from: 0, to: count, by: chunkLength).reduce(into: WorkTally()) { sum, start in
                let end = min(count, start + chunkLength)
                sum += decoder.work(
                    rowCount: end - start, behind: start, logitRowCount: end == count ? 1 : 0, in: plan)
            }
        }
        // A token's time is about its weights' reading and its products; the products are all there is of many rows.
        totalWork = (cachedWork + uncachedWork).reduce(0) { $0 + Self.cost($1) }

        let cached = try await generate(prompt, tokenCount, sequence, cachedWork)
        let keptByteCount = sequence.byteCount
        sequence.reset()
        let uncached = try await generateAnew(prompt, tokenCount, sequence, uncachedWork)
        return CacheExperiment(
            model: model.name, promptTokenCount: prompt.count, cachedSeconds: cached.seconds,
            uncachedSeconds: uncached.seconds, cachedComputedTokenCount: prompt.count + tokenCount - 1,
            uncachedComputedTokenCount: (0..<tokenCount).reduce(0) { $0 + prompt.count + $1 },
            cachedWork: Explanation.Work(cachedWork.reduce(into: WorkTally()) { $0 += $1 }),
            uncachedWork: Explanation.Work(uncachedWork.reduce(into: WorkTally()) { $0 += $1 }),
            tokensAreEqual: cached.tokens == uncached.tokens, keptByteCount: keptByteCount)
    }

    private static func cost(_ work: WorkTally) -> Double {
        Double(work.matrixMultiplyAdds + work.attentionMultiplyAdds) + 4 * Double(work.weightByteCount)
    }

    private func note(_ work: WorkTally, of total: Int) {
        doneCount += 1
        doneWork += Self.cost(work)
        progress(
            CacheExperiment.Progress(
                doneCount: doneCount, totalCount: 2 * total, share: doneWork / totalWork))
    }

    private func generate(
        _ prompt: [TokenID], _ tokenCount: Int, _ sequence: CachedSequence, _ work: [WorkTally]
    ) async throws -> (tokens: [TokenID], seconds: [Double]) {
        (tokens, seconds) = ([], [])
        var last = clock.now
        try await sequence.generate(behind: prompt[...]) { logits in
            let now = self.clock.now
            self.seconds.append((now - last) / .seconds(1))
            last = now
            self.tokens.append(GreedyToken.top(logits))
            self.note(work[self.tokens.count - 1], of: tokenCount)
            return self.tokens.count < tokenCount ? self.tokens.last : nil
        }
        return (tokens, seconds)
    }

    /// Everything is computed again for every token.
    private func generateAnew(
        _ prompt: [TokenID], _ tokenCount: Int, _ sequence: CachedSequence, _ work: [WorkTally]
    ) async throws -> (tokens: [TokenID], seconds: [Double]) {
        (tokens, seconds) = ([], [])
        for index in 0..<tokenCount {
            let beginning = clock.now
            sequence.reset()
            try await sequence.compute((prompt + tokens)[...]) { logits, _ in
                self.tokens.append(GreedyToken.top(logits))
            }
            seconds.append((clock.now - beginning) / .seconds(1))
            note(work[index], of: tokenCount)
        }
        return (tokens, seconds)
    }
}
