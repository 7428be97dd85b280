import NuthatchCache
import NuthatchModels
package import NuthatchTensors
import NuthatchTokenizers

/// Measures what a cache costs in quality, and beside it what computing in fewer bits costs: how well the model predicts
/// a text, and how far its predictions are from those of float weights with keys and values as they are computed.
///
///     model          cache      what it is
///     float weights  f32        the reference
///     float weights  as asked   what the cache costs
///     as asked       f32        what computing costs: weights and activations in fewer bits
///     as asked       as asked   both: what a user gets
///
/// The two have to be taken apart. Activations of 8 bits alone move the logits of SmolLM2 in Q4_1 by ten times what
/// keys and values of 8 bits do, and with them rounding hides what the cache does.
///
/// The text is cut into windows of `contextLength` tokens, each computed from an empty cache; the last one may be
/// shorter. Where the tokenizer puts a beginning-of-sequence token before texts, it is the first token of every
/// window and takes one of its places. Every position but a window's first token is predicted from those before it
/// in its window; nothing is predicted across windows.
package struct Perplexity: Sendable {
    /// How far predictions are from the reference's, mean over all positions.
    package struct Distance: Sendable, Equatable {
        /// KL(reference || compared), in nats.
        package var meanKLDivergence = 0.0
        /// Share of positions at which both find the same token the most probable.
        package var top1Agreement = 1.0

        package init(meanKLDivergence: Double = 0, top1Agreement: Double = 1) {
            self.meanKLDivergence = meanKLDivergence
            self.top1Agreement = top1Agreement
        }
    }

    /// Over all windows.
    package struct Figures: Sendable, Equatable {
        /// exp of the mean of -log p(token) over all tokens predicted, as a user gets it.
        package var perplexity: Double
        /// Perplexity of the reference.
        package var referencePerplexity: Double
        /// What the cache costs; zero where it is the reference's.
        package var cache: Distance
        /// What computing in fewer bits costs; nil where the model computes in floats.
        package var computing: Distance?
        /// What both cost; nil there too.
        package var both: Distance?
        /// Perplexity of consecutive stretches of the windows, `stretchLength` positions each.
        package var perplexityByPosition: [Double]
        package var stretchLength: Int
        /// Bits per number kept at the end of the longest window, everything counted.
        package var bitsPerValue: Double
        /// Bytes of pages there.
        package var kvByteCount: Int
        package var windowCount: Int
        /// Positions computed: the text's tokens and each window's beginning-of-sequence token.
        package var positionCount: Int
        /// Tokens whose probability was taken.
        package var predictedTokenCount: Int
        /// Time for the cache asked for, the reference and the comparison left out.
        package var duration: Duration

        package var tokensPerSecond: Double { Double(positionCount) / (duration / .seconds(1)) }
    }

    /// How far a run has come.
    package struct Progress: Sendable {
        package let positionCount: Int
        package let totalPositionCount: Int
        /// So far.
        package let perplexity: Double
        package let meanKLDivergence: Double
    }

    /// Stretches of a window whose perplexity is told apart.
    static let stretchCount = 16

    private let model: LanguageModel
    private let exact: LanguageModel?
    private let cache: CacheOptions
    private let reference: CacheOptions
    private let windows: [[TokenID]]
    private let stretchLength: Int

    /// - Parameters:
    ///   - exact: the same model with float weights; nil where `model` computes in floats itself.
    ///   - tokens: the text's, without a beginning-of-sequence token.
    /// - Throws: `NuthatchError`: usage for a context that model and cache don't have, badData for a text of less than
    ///   two tokens.
    package init(
        model: LanguageModel, exact: LanguageModel? = nil, cache: CacheOptions, tokens: [TokenID],
        contextLength: Int
    ) throws(NuthatchError) {
        _ = try model.requireDecoder(for: "Perplexity")
        try model.requireEmbedding(of: tokens)
        let most = try model.contextLength(keeping: cache) ?? CacheLimits.tokenCount
        guard (2...max(most, 2)).contains(contextLength) else {
            throw NuthatchError(
                code: .usage,
                message: "The context to measure with is \(Counted.text(contextLength, "token")).",
                remedy: "Choose 2 to \(most), the context of \(model.name).")
        }
        let tokenizer = model.tokenizer
        let beginning =
            tokenizer.addsBeginningOfSequence ? [tokenizer.beginningOfSequence].compactMap { $0 } : []
        let length = contextLength - beginning.count
        windows = stride(from: 0, to: tokens.count, by: length).map { start in
            beginning + tokens[start..<min(tokens.count, start + length)]
        }.filter { $0.count > 1 }
        guard let longest = windows.map(\.count).max() else {
            throw NuthatchError(
                code: .badData,
                message: "The text has \(Counted.text(tokens.count, "token")); nothing can be predicted.",
                remedy: "Give a longer text.")
        }
        self.model = model
        self.exact = exact
        self.cache = cache.reserving(contextLength: contextLength)
        stretchLength = (longest + Self.stretchCount - 1) / Self.stretchCount
        reference = try Self.reference(of: cache, model, contextLength: contextLength)
    }

    /// What every cache is measured against: exact, everything kept, in memory. Where the window is longer than what
    /// a model can look at, nothing can keep everything, and the reference keeps what the cache does.
    private static func reference(
        of cache: CacheOptions, _ model: LanguageModel, contextLength: Int
    ) throws(NuthatchError) -> CacheOptions {
        let everything = try CacheOptions(keys: .f32, values: .f32)
        guard contextLength > model.network.context.rotaryLength else { return everything }
        return try CacheOptions(keys: .f32, values: .f32, retention: cache.retention)
    }

    /// Runs all windows on the model's engine thread.
    ///
    /// - Throws: `NuthatchError`; badData where a logit is not a number.
    package func run(progress: @escaping @Sendable (Progress) -> Void) async throws -> Figures {
        let isReference =
            cache.keys == reference.keys && cache.values == reference.values
            && cache.rotation == reference.rotation && cache.retention == reference.retention
        return try await PerplexityRun(
            model: model, exact: exact, cache: cache, reference: reference, isReference: isReference,
            stretchLength: stretchLength
        ).measure(windows, progress: progress)
    }
}
