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
        /// Sequences whose prompts are given all at once, or one after another, then decoded together.
        package var sequenceCount: Int
        /// Tokens that all prompts of a repetition begin with, computed by one and shared by the others.
        package var sharedPrefixTokenCount: Int
        /// Whether each prompt is given when the one before has its logits.
        package var isInTurn: Bool
        package var usesCache: Bool
        package var repetitionCount: Int
        /// Repetitions before those that count: they warm caches and page tables.
        package var warmUpCount: Int

        package init(
            promptTokenCount: Int, generatedTokenCount: Int, depth: Int, sequenceCount: Int,
            sharedPrefixTokenCount: Int = 0, isInTurn: Bool = false, usesCache: Bool,
            repetitionCount: Int, warmUpCount: Int = 1
        ) {
            self.promptTokenCount = promptTokenCount
            self.generatedTokenCount = generatedTokenCount
            self.depth = depth
            self.sequenceCount = sequenceCount
            self.sharedPrefixTokenCount = sharedPrefixTokenCount
            self.isInTurn = isInTurn
            self.usesCache = usesCache
            self.repetitionCount = repetitionCount
            self.warmUpCount = warmUpCount
        }
    }

    /// Medians over the repetitions.
    package struct Figures: Sendable {
        /// From the first prompt's start to the end of the last.
        package var prefillSeconds: Double
        package var prefillTokensPerSecond: Double
        /// That of all sequences together.
        package var decodeTokensPerSecond: Double?
        /// Prompt tokens of a repetition that one sequence had from another.
        package var cachedTokenCount: Int
        package var kvByteCount: Int
        /// Weights and retained keys and values read per second of decoding: each byte once a step.
        package var decodeBytesPerSecond: Double?
        /// From when a prompt was given to its logits, of all sequences and repetitions that count.
        package var timeToFirstToken: Spread?
        /// From one token of a sequence to its next; nil if there were none.
        package var timeBetweenTokens: Spread?
    }

    /// How long something took, in seconds. On a machine that others use too, the fastest says what the work takes and
    /// the slowest what they took.
    package struct Spread: Sendable, Encodable {
        package let fastest: Double
        package let median: Double
        /// What 95 of 100 stay below.
        package let percentile95: Double
        package let slowest: Double

        init?(_ seconds: [Double]) {
            let sorted = seconds.sorted()
            guard let fastest = sorted.first, let slowest = sorted.last else { return nil }
            self.fastest = fastest
            self.slowest = slowest
            median = Benchmark.median(seconds)
            percentile95 = sorted[min(sorted.count - 1, (sorted.count * 95 + 99) / 100 - 1)]
        }
    }

    static func median(_ values: [Double]) -> Double {
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
        guard workload.sharedPrefixTokenCount <= workload.promptTokenCount,
            workload.sharedPrefixTokenCount == 0 || workload.depth == 0
        else {
            throw NuthatchError(
                code: .usage,
                message: "Prompts of \(Counted.text(workload.promptTokenCount, "token")) behind "
                    + "\(Counted.text(workload.depth, "token")) can't begin with "
                    + "\(workload.sharedPrefixTokenCount) shared ones.",
                remedy: "Share as many tokens as a prompt has at most, in an empty cache.")
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
