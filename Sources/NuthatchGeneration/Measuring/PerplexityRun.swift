import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// The windows of a `Perplexity`, on the engine thread of its model.
actor PerplexityRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.asUnownedSerialExecutor() }

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
            // The others compute each chunk behind the one that is timed.
            var beginning = clock.now
            try await sequences.asked.compute(window[...], logits: .all) { logits, chunk in
                duration += clock.now - beginning
                try compare(logits, window, chunk, sequences)
                progress(
                    Perplexity.Progress(
                        positionCount: whole.positionCount, totalPositionCount: total,
                        perplexity: whole.perplexity, meanKLDivergence: cacheDistance.meanKLDivergence))
                beginning = clock.now
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
    private func compare(
        _ logits: Rows, _ window: [TokenID], _ chunk: Range<Int>, _ sequences: Sequences
    ) throws {
        let next = chunk.map { $0 + 1 < window.count ? window[$0 + 1] : nil }
        let reference = try sequences.reference?.forward(window[chunk], logits: .all)
        for (row, position) in zip(try compare(logits, with: reference ?? logits, next), chunk) {
            whole.add(row)
            stretches[min(position / stretchLength, stretches.count - 1)].add(row)
        }
        guard let reference else {
            referenceItself = whole
            return
        }
        for row in try compare(reference, with: reference, next) { referenceItself.add(row) }
        if let logits = try sequences.cacheAlone?.forward(window[chunk], logits: .all) {
            for row in try compare(logits, with: reference, next) { cacheAlone.add(row) }
        }
        if let logits = try sequences.computingAlone?.forward(window[chunk], logits: .all) {
            for row in try compare(logits, with: reference, next) { computingAlone.add(row) }
        }
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
                    code: .internalFault,
                    message: "A logit behind position \(whole.positionCount) is not a number.",
                    remedy: "Please report the model and the cache options.")
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
