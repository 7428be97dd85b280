import NuthatchCache
import NuthatchModels
package import NuthatchTensors

/// Measures prefill and decode on tokens that mean nothing: the arithmetic is the same as for real ones.
package struct Benchmark: Sendable {
    /// What one repetition does.
    package struct Workload: Sendable {
        package var promptTokenCount: Int
        package var generatedTokenCount: Int
        /// Tokens in the cache before the prompt.
        package var depth: Int
        /// Sequences prefilled one after another, then decoded together.
        package var sequenceCount: Int
        package var usesCache: Bool
        package var repetitionCount: Int
        /// Repetitions before those that count: they warm caches and page tables.
        package var warmUpCount: Int

        package init(
            promptTokenCount: Int, generatedTokenCount: Int, depth: Int, sequenceCount: Int, usesCache: Bool,
            repetitionCount: Int, warmUpCount: Int = 1
        ) {
            self.promptTokenCount = promptTokenCount
            self.generatedTokenCount = generatedTokenCount
            self.depth = depth
            self.sequenceCount = sequenceCount
            self.usesCache = usesCache
            self.repetitionCount = repetitionCount
            self.warmUpCount = warmUpCount
        }
    }

    /// Medians over the repetitions.
    package struct Figures: Sendable {
        package var prefillTokensPerSecond: Double?
        package var decodeTokensPerSecond: Double?
        package var kvByteCount: Int
        /// Weights and retained keys and values read per second of decoding: each byte once a step.
        package var decodeBytesPerSecond: Double?
        /// Times of all decode steps that count; nil if there were none.
        package var decodeStep: StepTimes?
    }

    /// How long steps took, in seconds. On a machine that others use too, the fastest says what the work takes and
    /// the slowest what they took.
    package struct StepTimes: Sendable, Encodable {
        package let fastest: Double
        package let median: Double
        package let slowest: Double

        init?(_ seconds: [Double]) {
            guard let fastest = seconds.min(), let slowest = seconds.max() else { return nil }
            self.fastest = fastest
            self.slowest = slowest
            median = Benchmark.median(seconds)
        }
    }

    fileprivate static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private let model: LanguageModel
    private let cache: CacheOptions
    private let workload: Workload

    /// - Throws: `NuthatchError` (contextFull) where the workload does not fit the model's context.
    package init(model: LanguageModel, cache: CacheOptions, workload: Workload) throws(NuthatchError) {
        _ = try model.requireDecoder(for: "A benchmark")
        let total = workload.depth + workload.promptTokenCount + workload.generatedTokenCount
        if let context = try model.contextLength(keeping: cache), total > context {
            throw NuthatchError(
                code: .contextFull,
                message: "Depth, prompt and generated tokens make \(total); \(model.name) has a context of "
                    + "\(context).",
                remedy: "Choose less of one of them.")
        }
        self.model = model
        self.cache = cache
        self.workload = workload
    }

    /// Runs all repetitions on the model's engine thread.
    package func run() async throws -> Figures {
        try await BenchmarkRun(model: model).measure(workload, cache)
    }
}

/// The repetitions, on the engine thread.
private actor BenchmarkRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.asUnownedSerialExecutor() }
    private let clock = ContinuousClock()
    private var generator = SeededGenerator(seed: 1)

    init(model: LanguageModel) { self.model = model }

    func measure(
        _ workload: Benchmark.Workload, _ cache: CacheOptions
    ) async throws -> Benchmark.Figures {
        var prefill: [Double] = []
        var decode: [Double] = []
        var steps: [Double] = []
        var kvByteCount = 0
        for repetition in 0..<workload.warmUpCount + workload.repetitionCount {
            var sequences: [CachedSequence] = []
            for _ in 0..<workload.sequenceCount {
                sequences.append(try CachedSequence(model: model, cache: cache, besides: sequences.first))
            }
            let prefillSeconds = try await fill(sequences, workload)
            let stepSeconds = try await generate(sequences, workload)
            kvByteCount = sequences.reduce(0) { $0 + $1.cache.byteCount }
            guard repetition >= workload.warmUpCount else { continue }
            steps += stepSeconds
            prefill.append(Double(workload.promptTokenCount * workload.sequenceCount) / prefillSeconds)
            decode.append(
                Double(workload.generatedTokenCount * workload.sequenceCount) / stepSeconds.reduce(0, +))
        }
        let decodeRate = workload.generatedTokenCount > 0 ? Benchmark.median(decode) : nil
        let bytesPerStep = Double(model.network.weightByteCount + kvByteCount)
        return Benchmark.Figures(
            prefillTokensPerSecond: Benchmark.median(prefill), decodeTokensPerSecond: decodeRate,
            kvByteCount: kvByteCount,
            decodeBytesPerSecond: workload.usesCache
                ? decodeRate.map { $0 / Double(workload.sequenceCount) * bytesPerStep } : nil,
            decodeStep: Benchmark.StepTimes(steps))
    }

    /// Fills to the depth, then computes the prompts; returns the seconds of the prompts.
    private func fill(
        _ sequences: [CachedSequence], _ workload: Benchmark.Workload
    ) async throws -> Double {
        for sequence in sequences { try await sequence.compute(tokens(workload.depth)[...], logits: .none) }
        let prompts = sequences.map { _ in tokens(workload.promptTokenCount) }
        let beginning = clock.now
        for (sequence, prompt) in zip(sequences, prompts) { try await sequence.compute(prompt[...]) }
        return (clock.now - beginning) / .seconds(1)
    }

    /// Returns the seconds of each step.
    private func generate(
        _ sequences: [CachedSequence], _ workload: Benchmark.Workload
    ) async throws -> [Double] {
        let generated = tokens(workload.generatedTokenCount * sequences.count)
        var seconds: [Double] = []
        for step in 0..<workload.generatedTokenCount {
            let beginning = clock.now
            let next = generated[(step * sequences.count)...].prefix(sequences.count)
            if workload.usesCache {
                try CachedSequence.appendTogether(Array(zip(sequences, next)))
            } else {
                for (sequence, token) in zip(sequences, next) {
                    let all = sequence.tokens + [token]
                    sequence.reset()
                    try await sequence.compute(all[...])
                }
            }
            seconds.append((clock.now - beginning) / .seconds(1))
        }
        return seconds
    }

    private func tokens(_ count: Int) -> [TokenID] {
        (0..<count).map { _ in TokenID(generator.next() % UInt64(model.vocabularySize)) }
    }
}
