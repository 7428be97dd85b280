import NuthatchCache
package import NuthatchTensors
import NuthatchTokenizers

/// Measures what a cache costs in quality: how well the model predicts a text with it, and how far its predictions
/// are from those of the same model with keys and values as it computes them.
///
/// The text is cut into windows of `contextLength` tokens, each computed from an empty cache; the last one may be
/// shorter. Where the tokenizer puts a beginning-of-sequence token before texts, it is the first token of every
/// window and takes one of its places. Every position but a window's first token is predicted from those before it
/// in its window; nothing is predicted across windows.
package struct Perplexity: Sendable {
    /// Over all windows.
    package struct Figures: Sendable, Equatable {
        /// exp of the mean of -log p(token) over all tokens predicted.
        package var perplexity: Double
        /// KL(reference || cache), mean over all positions, in nats; 0 where the cache is the reference.
        package var meanKLDivergence: Double
        /// Share of positions at which both find the same token the most probable.
        package var top1Agreement: Double
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

    /// What every cache is measured against: exact, everything kept, in memory.
    private static func reference() throws(NuthatchError) -> CacheOptions {
        try CacheOptions(keys: .f32, values: .f32)
    }

    private let model: LanguageModel
    private let cache: CacheOptions
    private let windows: [[TokenID]]

    /// - Parameter tokens: the text's, without a beginning-of-sequence token.
    /// - Throws: `NuthatchError`: usage for a context the model does not have, badData for a text of less than two
    ///   tokens.
    package init(
        model: LanguageModel, cache: CacheOptions, tokens: [TokenID], contextLength: Int
    ) throws(NuthatchError) {
        _ = try model.requireDecoder(for: "Perplexity")
        try model.requireEmbedding(of: tokens)
        guard (2...model.contextLength).contains(contextLength) else {
            throw NuthatchError(
                code: .usage, message: "The context to measure with is \(contextLength) tokens.",
                remedy: "Choose 2 to \(model.contextLength), the context of \(model.name).")
        }
        let tokenizer = model.tokenizer
        let beginning =
            tokenizer.addsBeginningOfSequence ? [tokenizer.beginningOfSequence].compactMap { $0 } : []
        let length = contextLength - beginning.count
        windows = stride(from: 0, to: tokens.count, by: length).map { start in
            beginning + tokens[start..<min(tokens.count, start + length)]
        }.filter { $0.count > 1 }
        guard !windows.isEmpty else {
            throw NuthatchError(
                code: .badData, message: "The text has \(tokens.count) tokens; nothing can be predicted.",
                remedy: "Give a longer text.")
        }
        self.model = model
        self.cache = cache.reserving(contextLength: contextLength)
    }

    /// Runs all windows on the model's engine thread.
    ///
    /// - Throws: `NuthatchError`; internalFault where a logit is not a number.
    package func run(progress: @escaping @Sendable (Progress) -> Void) async throws -> Figures {
        let reference = try Self.reference()
        let isReference =
            cache.keys == reference.keys && cache.values == reference.values
            && cache.rotation == reference.rotation && cache.retention == reference.retention
        return try await PerplexityRun(model: model, cache: cache, reference: isReference ? nil : reference)
            .measure(windows, progress: progress)
    }
}

/// The windows, on the engine thread.
private actor PerplexityRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.asUnownedSerialExecutor() }

    private let cache: CacheOptions
    /// nil where it is the cache itself.
    private let reference: CacheOptions?
    private var sums = LogitSums()
    private var duration = Duration.zero
    private var bitsPerValue = 0.0
    private var kvByteCount = 0
    private let clock = ContinuousClock()
    /// Rows at a time: their logits must fit in memory twice, and a vocabulary of 256k takes 1 MB a row.
    private let chunkLength = 64

    init(model: LanguageModel, cache: CacheOptions, reference: CacheOptions?) {
        self.model = model
        self.cache = cache
        self.reference = reference
    }

    func measure(
        _ windows: [[TokenID]], progress: @Sendable (Perplexity.Progress) -> Void
    ) async throws -> Perplexity.Figures {
        let sequence = try CachedSequence(model: model, cache: cache)
        let exact = try reference.map { options in try CachedSequence(model: model, cache: options) }
        let total = windows.reduce(0) { $0 + $1.count }
        for (index, window) in windows.enumerated() {
            sequence.reset()
            exact?.reset()
            for start in stride(from: 0, to: window.count, by: chunkLength) {
                // Lets a cancellation have its turn.
                await Task.yield()
                try Task.checkCancellation()
                try compute(window, start..<min(window.count, start + chunkLength), sequence, exact)
                progress(
                    Perplexity.Progress(
                        positionCount: sums.positionCount, totalPositionCount: total,
                        perplexity: sums.perplexity, meanKLDivergence: sums.meanDivergence))
            }
            if index == 0 {
                bitsPerValue = CacheReport(sequence, options: cache).bitsPerValue
                kvByteCount = sequence.cache.byteCount
            }
        }
        return Perplexity.Figures(
            perplexity: sums.perplexity, meanKLDivergence: sums.meanDivergence,
            top1Agreement: sums.agreement, bitsPerValue: bitsPerValue, kvByteCount: kvByteCount,
            windowCount: windows.count, positionCount: sums.positionCount,
            predictedTokenCount: sums.predictedTokenCount, duration: duration)
    }

    private func compute(
        _ window: [TokenID], _ chunk: Range<Int>, _ sequence: CachedSequence, _ exact: CachedSequence?
    ) throws {
        let beginning = clock.now
        let logits = try sequence.appendAll(window[chunk])
        duration += clock.now - beginning
        let reference = try exact?.appendAll(window[chunk])
        let comparison = LogitComparison(
            logits: logits, reference: reference ?? logits,
            next: chunk.map { $0 + 1 < window.count ? window[$0 + 1] : nil })
        model.workers.run(comparison)
        for row in comparison.results {
            guard row.divergence.isFinite, row.negativeLogLikelihood?.isFinite != false else {
                throw NuthatchError(
                    code: .internalFault,
                    message: "A logit at position \(sequence.tokens.count) of a window is not a number.",
                    remedy: "Please report the model and the cache options.")
            }
            sums.add(row)
        }
    }
}
