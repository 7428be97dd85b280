import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// How fast caches are at growing depths of one text, in rounds of all of them: what else the machine does meets each alike.
/// Lives on the engine thread of its model.
actor CacheSpeedRun {
    /// What one round of one cache gave, by depth.
    struct Round: Sendable {
        var prefillRates: [Double] = []
        var decodeRates: [Double] = []
        var byteCounts: [Int] = []
    }

    private let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }
    private let clock = ContinuousClock()
    private var generatedCount = 0

    init(_ model: LanguageModel) { self.model = model }

    /// - Parameters:
    ///   - depths: ascending; the last is the text's length.
    ///   - progress: called with tokens that were computed, and generated, since the last call.
    /// - Returns: [cache][round].
    func measure(
        _ options: [CacheOptions], _ tokens: [TokenID], depths: [Int], generatedTokenCount: Int,
        roundCount: Int, progress: @Sendable (_ computed: Int, _ generated: Int) -> Void
    ) async throws -> [[Round]] {
        // What is slow once, pages of weights and of memory, is behind it then.
        _ = try await round(options[0], Array(tokens.prefix(64)), [min(64, tokens.count)], 4) { _, _ in }
        var rounds = options.map { _ in [Round]() }
        for number in 0..<roundCount {
            for index in options.indices {
                // Another one goes first each time.
                let place = (index + number) % options.count
                rounds[place].append(
                    try await round(options[place], tokens, depths, generatedTokenCount, progress))
            }
        }
        return rounds
    }

    private func round(
        _ options: CacheOptions, _ tokens: [TokenID], _ depths: [Int], _ generatedTokenCount: Int,
        _ progress: (_ computed: Int, _ generated: Int) -> Void
    ) async throws -> Round {
        let sequence = try CachedSequence(model: model, cache: options)
        var round = Round()
        var start = 0
        for depth in depths {
            let beginning = clock.now
            try await sequence.compute(tokens[start..<depth])
            round.prefillRates.append(Double(depth - start) / ((clock.now - beginning) / .seconds(1)))
            progress(depth - start, 0)
            round.byteCounts.append(sequence.byteCount)
            start = depth
            let fork = try sequence.fork()
            let seconds = try await generate(generatedTokenCount, behind: tokens[depth - 1], fork)
            round.decodeRates.append(Double(generatedTokenCount) / seconds)
            progress(0, generatedTokenCount)
        }
        return round
    }

    private func generate(_ count: Int, behind token: TokenID, _ sequence: CachedSequence) async throws
        -> Double
    {
        generatedCount = 0
        let beginning = clock.now
        try await sequence.generate(behind: [token]) { logits in
            self.generatedCount += 1
            return self.generatedCount < count ? GreedyToken.top(logits) : nil
        }
        return (clock.now - beginning) / .seconds(1)
    }
}
