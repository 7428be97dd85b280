import NuthatchTensors
import NuthatchTokenizers

/// What a KV cache is worth: the same tokens generated with it and without, and the time of each.
///
/// Without a cache every step computes the whole sequence again, so its time grows with the length, and that of all steps
/// with the square; with one a step computes one token. The same tokens come out of both.
public struct CacheExperiment: Sendable, Equatable, Codable {
    /// The model's name.
    public let model: String
    /// Tokens of the prompt.
    public let promptTokenCount: Int
    /// Tokens generated each way.
    public let tokenCount: Int
    /// Seconds of each token with the cache, in order.
    public let cachedSeconds: [Double]
    /// Seconds of each token without.
    public let uncachedSeconds: [Double]
    /// Tokens computed with the cache: each once.
    public let cachedComputedTokenCount: Int
    /// Tokens computed without it: each as often as it stood in an input.
    public let uncachedComputedTokenCount: Int
    /// What the passes with the cache take.
    public let cachedWork: Explanation.Work
    /// What those without take.
    public let uncachedWork: Explanation.Work
    /// Whether both ways gave the same tokens.
    public let tokensAreEqual: Bool
    /// Bytes of keys and values at the end.
    public let keptByteCount: Int

    private enum CodingKeys: String, CodingKey {
        case model, promptTokenCount = "promptTokens", tokenCount = "tokens", cachedSeconds, uncachedSeconds,
            cachedComputedTokenCount = "cachedComputedTokens",
            uncachedComputedTokenCount = "uncachedComputedTokens", cachedWork, uncachedWork, tokensAreEqual,
            keptByteCount = "kvBytes"
    }

    /// How much longer it takes without the cache: that of all tokens.
    public var ratio: Double { uncachedSeconds.reduce(0, +) / cachedSeconds.reduce(0, +) }

    /// The ratio that introductions report of 1,000 tokens, on another machine and another model: some 56 s against some 1 s.
    public static let reportedRatio = 56.0

    /// How far a run has come.
    public struct Progress: Sendable {
        /// Steps done, of both ways together.
        public let doneCount: Int
        /// All of them.
        public let totalCount: Int
        /// What part of the time that is, by the work.
        public let share: Double
    }

    /// Generates tokens with the cache, then the same number without.
    ///
    /// - Parameters:
    ///   - model: a decoder.
    ///   - prompt: a text to go on from; nil takes the scenario's.
    ///   - tokenCount: tokens to generate each way.
    ///   - cache: how the sequence that has one keeps keys and values.
    ///   - progress: called behind each token.
    /// - Throws: `NuthatchError` where prompt and tokens don't fit the model's context; `CancellationError`.
    public init(
        _ model: LanguageModel, prompt: String? = nil,
        tokenCount: Int = 1000, cache: CacheOptions = .default,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws {
        let tokens = try model.tokenizer.encode(
            prompt ?? ExplanationScenario.thousandTokens.prompt, addsSpecialTokens: true,
            parsesSpecialTokens: true)
        _ = try model.requireDecoder(for: "The experiment")
        try model.requireEmbedding(of: tokens)
        let most = try model.contextLength(keeping: cache) ?? .max
        guard !tokens.isEmpty, tokenCount > 0, tokens.count + tokenCount <= most else {
            throw NuthatchError(
                code: tokens.isEmpty || tokenCount < 1 ? .usage : .contextFull,
                message:
                    "\(Counted.text(tokenCount, "token")) behind a prompt of \(tokens.count) were to be generated; "
                    + "\(model.name) has a context of \(most).",
                remedy:
                    "Choose a prompt of one token or more, and 1 to \(max(1, most - tokens.count)) tokens.")
        }
        do {
            self = try await CacheExperimentRun(model, cache: cache, progress: progress).run(
                tokens, tokenCount)
        } catch {
            if error is CancellationError { throw error }
            throw NuthatchError(explaining: error)
        }
    }

    init(
        model: String, promptTokenCount: Int, cachedSeconds: [Double], uncachedSeconds: [Double],
        cachedComputedTokenCount: Int, uncachedComputedTokenCount: Int, cachedWork: Explanation.Work,
        uncachedWork: Explanation.Work, tokensAreEqual: Bool, keptByteCount: Int
    ) {
        self.model = model
        self.promptTokenCount = promptTokenCount
        tokenCount = cachedSeconds.count
        self.cachedSeconds = cachedSeconds
        self.uncachedSeconds = uncachedSeconds
        self.cachedComputedTokenCount = cachedComputedTokenCount
        self.uncachedComputedTokenCount = uncachedComputedTokenCount
        self.cachedWork = cachedWork
        self.uncachedWork = uncachedWork
        self.tokensAreEqual = tokensAreEqual
        self.keptByteCount = keptByteCount
    }
}
