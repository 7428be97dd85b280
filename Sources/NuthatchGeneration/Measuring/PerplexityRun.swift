import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// The windows of a `Perplexity`, on the engine thread of its model.
actor PerplexityRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }

    private let exact: LanguageModel?
    private let cache: CacheOptions
    private let reference: CacheOptions
    /// Whether the cache asked for is the reference's.
    private let isReference: Bool
    private let stretchLength: Int
    /// What a user gets, against the reference; the cache alone; computing alone; and the reference itself.
    private var whole = LogitSums()
    private var cacheAlone = LogitSums()
    private var computingAlone = LogitSums()
    private var referenceItself = LogitSums()
    private var stretches: [LogitSums]
    private var duration = Duration.zero
    private var bitsPerValue = 0.0
    private var kvByteCount = 0
    private let clock = ContinuousClock()

    init(
        model: LanguageModel, exact: LanguageModel?, cache: CacheOptions, reference: CacheOptions,
        isReference: Bool, stretchLength: Int
    ) {
        self.model = model
        self.exact = exact
        self.cache = cache
        self.reference = reference
        self.isReference = isReference
        self.stretchLength = stretchLength
        stretches = Array(repeating: LogitSums(), count: Perplexity.stretchCount)
    }

    /// One text in each combination that there is something to tell of.
    private struct Sequences {
        /// The model and the cache asked for.
        let asked: CachedSequence
        /// Nil where that is the reference.
        let reference: CachedSequence?
        /// The cache asked for, with float weights; nil where it is one of the two.
        let cacheAlone: CachedSequence?
        /// The model asked for, with the reference's cache; nil where it is one of the two.
        let computingAlone: CachedSequence?

        var all: [CachedSequence] { [asked, reference, cacheAlone, computingAlone].compactMap { $0 } }
    }

    private func sequences() throws -> Sequences {
        let asked = try CachedSequence(model: model, cache: cache)
        guard let exact else {
            let other = isReference ? nil : try CachedSequence(model: model, cache: reference)
            return Sequences(asked: asked, reference: other, cacheAlone: nil, computingAlone: nil)
        }
        return Sequences(
            asked: asked, reference: try CachedSequence(model: exact, cache: reference),
            cacheAlone: isReference ? nil : try CachedSequence(model: exact, cache: cache),
            computingAlone: isReference ? nil : try CachedSequence(model: model, cache: reference))
    }

    func measure(
        _ windows: [[TokenID]], progress: @Sendable (Perplexity.Progress) -> Void
    ) async throws -> Perplexity.Figures {
        let sequences = try sequences()
        let total = windows.reduce(0) { $0 + $1.count }
        for (index, window) in windows.enumerated() {
            for sequence in sequences.all { sequence.reset() }
            for start in stride(from: 0, to: window.count, by: CachedSequence.mostLogitRows) {
                let chunk = start..<min(window.count, start + CachedSequence.mostLogitRows)
                try await compare(window, chunk, sequences)
                progress(
                    Perplexity.Progress(
                        positionCount: whole.positionCount, totalPositionCount: total,
                        perplexity: whole.perplexity, meanKLDivergence: cacheDistance.meanKLDivergence))
            }
            if index == 0 {
                bitsPerValue = CacheReport(sequences.asked, options: cache).bitsPerValue
                kvByteCount = sequences.asked.cache.byteCount
            }
        }
        return figures(windowCount: windows.count)
    }

    /// What the cache costs: without an exact model beside, all that the asked one is away from the reference.
    private var cacheDistance: Perplexity.Distance {
        guard exact != nil else { return whole.distance }
        return isReference ? Perplexity.Distance() : cacheAlone.distance
    }

    private func figures(windowCount: Int) -> Perplexity.Figures {
        Perplexity.Figures(
            perplexity: whole.perplexity, referencePerplexity: referenceItself.perplexity,
            cache: cacheDistance,
            computing: exact == nil ? nil : isReference ? whole.distance : computingAlone.distance,
            both: exact == nil ? nil : whole.distance,
            perplexityByPosition: stretches.filter { $0.predictedTokenCount > 0 }.map(\.perplexity),
            stretchLength: stretchLength, bitsPerValue: bitsPerValue, kvByteCount: kvByteCount,
            windowCount: windowCount, positionCount: whole.positionCount,
            predictedTokenCount: whole.predictedTokenCount, duration: duration)
    }

    /// Compares a chunk's logits with those of the other combinations.
    private func compare(_ window: [TokenID], _ chunk: Range<Int>, _ sequences: Sequences) async throws {
        let next = chunk.map { $0 + 1 < window.count ? window[$0 + 1] : nil }
        let beginning = clock.now
        guard let asked = try await logits(of: window[chunk], in: sequences.asked) else { return }
        duration += clock.now - beginning
        let reference = try await logits(of: window[chunk], in: sequences.reference)
        let compared = try compare(asked.rows, with: (reference ?? asked).rows, next)
        for (row, position) in zip(compared, chunk) {
            whole.add(row)
            stretches[min(position / stretchLength, stretches.count - 1)].add(row)
        }
        guard let reference else {
            referenceItself = whole
            return
        }
        for row in try compare(reference.rows, with: reference.rows, next) { referenceItself.add(row) }
        if let logits = try await logits(of: window[chunk], in: sequences.cacheAlone) {
            for row in try compare(logits.rows, with: reference.rows, next) { cacheAlone.add(row) }
        }
        if let logits = try await logits(of: window[chunk], in: sequences.computingAlone) {
            for row in try compare(logits.rows, with: reference.rows, next) { computingAlone.add(row) }
        }
    }

    /// The logits of all those tokens, kept beyond the pass that gave them.
    private func logits(
        of tokens: ArraySlice<TokenID>, in sequence: CachedSequence?
    ) async throws -> KeptRows? {
        var kept: KeptRows?
        try await sequence?.compute(tokens, logits: .all) { rows, _ in kept = try KeptRows(rows) }
        return kept
    }

    private func compare(
        _ logits: Rows, with reference: Rows, _ next: [TokenID?]
    ) throws(NuthatchError) -> [LogitComparison.Row] {
        let comparison = LogitComparison(logits: logits, reference: reference, next: next)
        model.workers.run(comparison)
        let rows = comparison.results
        for row in rows {
            guard row.divergence.isFinite, row.negativeLogLikelihood?.isFinite != false else {
                throw NuthatchError(
                    code: .badData,
                    message:
                        "The model's numbers behind position \(whole.positionCount) are not all numbers.",
                    remedy: "Check that its file is whole, or hold keys and values in f32.")
            }
        }
        return rows
    }
}

extension LogitSums {
    fileprivate var distance: Perplexity.Distance {
        Perplexity.Distance(meanKLDivergence: meanDivergence, top1Agreement: agreement)
    }
}
