import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// What to compare, and how thoroughly.
public struct ComparisonOptions: Sendable, Equatable {
    /// Tokens of the text to compare over; nil: 2,048, or as many as text and context have.
    public var contextLength: Int?
    /// Tokens to generate at each depth.
    public var generatedTokenCount = 32
    /// Rounds of all caches.
    public var roundCount = 3
    /// Depths at which speeds are taken, equally far apart.
    public var depthCount = 4
    /// The most that a recommended cache may be away from one of floats: mean KL divergence in nats.
    public var tolerance = 0.01
    /// The memory that a recommendation is for: weights, scratch memory and cache; nil: what the system has free.
    public var memoryByteCount: Int?

    /// 32 tokens at four depths, three rounds, a tolerance of 0.01.
    public init() {}
}

extension CacheComparison {
    /// Compares caches on a text.
    ///
    /// - Parameters:
    ///   - model: as it is used.
    ///   - exact: the same model with float weights, for quality to be the cache's alone; nil takes `model`.
    ///   - variants: the caches, one or more.
    ///   - text: what to compare over.
    ///   - options: how thoroughly.
    ///   - progress: called with the share of the work that is done, and what is under way.
    /// - Throws: `NuthatchError` for a cache that the model can't have, named, before anything is measured; for a text of
    ///   fewer tokens than depths; `CancellationError`.
    public init(
        _ model: LanguageModel, exact: LanguageModel? = nil, variants: [CacheVariant], text: String,
        options: ComparisonOptions = ComparisonOptions(),
        progress: @escaping @Sendable (_ share: Double, _ what: String) -> Void = { _, _ in }
    ) async throws {
        do {
            try await self.init(model, exact, variants, text, options, progress)
        } catch {
            if error is CancellationError { throw error }
            throw NuthatchError(explaining: error)
        }
    }

    private init(
        _ model: LanguageModel, _ exact: LanguageModel?, _ variants: [CacheVariant], _ text: String,
        _ options: ComparisonOptions, _ progress: @escaping @Sendable (Double, String) -> Void
    ) async throws {
        let decoder = try model.requireDecoder(for: "Comparing caches")
        let most = try Self.check(variants, model)
        let all = try model.tokenizer.encode(text, addsSpecialTokens: true, parsesSpecialTokens: false)
        try model.requireEmbedding(of: all)
        let generated = options.generatedTokenCount
        let asked = options.contextLength ?? min(2048, all.count)
        guard asked <= all.count else {
            throw NuthatchError(
                code: .badData,
                message:
                    "\(Counted.text(asked, "token")) were to be compared over; the text has \(all.count).",
                remedy:
                    "Give a longer text (--prompt-file), or compare over \(all.count) at most (--context).")
        }
        let contextLength = asked
        try Self.check(options, textTokenCount: all.count, contextLength: contextLength, most: most)
        for variant in variants {
            guard case .reserved(let room) = variant.options.growth, room < contextLength + generated else {
                continue
            }
            throw NuthatchError(
                code: .usage,
                message: "The cache \(variant.name) is reserved for \(Counted.text(room, "token")); "
                    + "\(contextLength) and \(generated) to generate are compared over.",
                remedy: "Reserve it for \(contextLength + generated), or compare over fewer tokens.")
        }
        let tokens = Array(all.prefix(contextLength))
        let depths = (1...options.depthCount).map { contextLength * $0 / options.depthCount }
        let caches = variants.map { $0.options.reserving(contextLength: contextLength + generated) }

        // A generated token takes about as long as eight of a prompt, whose weights are read together; float weights twice as
        // long as most files'.
        let (generatedCost, qualityCost) = (8, exact == nil ? 1 : 2)
        let perRound = contextLength + generated * depths.count * generatedCost
        let total = Double(
            (contextLength + generated) * (caches.count + 1) * qualityCost
                + perRound * caches.count * options.roundCount)
        let done = DoneCount()
        let qualities = try await CacheQualityRun(exact ?? model, caches).measure(
            tokens, generatedTokenCount: generated
        ) { count in progress(min(1, Double(done.add(count * qualityCost)) / total), "quality") }
        let rounds = try await CacheSpeedRun(model).measure(
            caches, tokens, depths: depths, generatedTokenCount: generated, roundCount: options.roundCount
        ) { computed, generated in
            progress(min(1, Double(done.add(computed + generatedCost * generated)) / total), "speed")
        }

        let memory = options.memoryByteCount ?? ProcessLimits.now.availableByteCount ?? .max
        var entries: [Entry] = []
        for (index, variant) in variants.enumerated() {
            entries.append(
                try Self.entry(
                    variant, decoder, model, depths, qualities[index], rounds[index],
                    contextLength: contextLength, memory: memory))
        }
        self.init(
            model: model.name, kernels: Kernels(table: model.kernelTableName), threadCount: model.threadCount,
            contextLength: contextLength, generatedTokenCount: generated, roundCount: options.roundCount,
            depths: depths,
            qualityWeights: ((try? exact?.requireDecoder(for: "")) ?? decoder).precision.rawValue,
            tolerance: options.tolerance, memoryByteCount: memory, entries: entries,
            recommendation: Self.recommendation(among: entries, tolerance: options.tolerance))
    }

    // MARK: Checks

    /// Whether the model can have all of the caches; the most tokens of any of them.
    private static func check(_ variants: [CacheVariant], _ model: LanguageModel) throws -> Int {
        guard !variants.isEmpty else {
            throw NuthatchError(
                code: .usage, message: "No caches were given to compare.", remedy: "Give one or more.")
        }
        var most = model.contextLength
        for variant in variants {
            do { most = min(most, try model.contextLength(keeping: variant.options) ?? .max) } catch {
                throw NuthatchError(
                    code: error.code, message: "The cache \(variant.name): \(error.message)",
                    remedy: "Compare others, or one that the model can have.", cause: error)
            }
        }
        return most
    }

    private static func check(
        _ options: ComparisonOptions, textTokenCount: Int, contextLength: Int, most: Int
    ) throws(NuthatchError) {
        for (name, value, range) in [
            ("tokens to generate", options.generatedTokenCount, 1...4096),
            ("rounds", options.roundCount, 1...1000), ("depths", options.depthCount, 1...64),
        ] where !range.contains(value) {
            throw NuthatchError(
                code: .usage, message: "\(value) \(name) were asked for.",
                remedy: "Choose \(range.lowerBound) to \(range.upperBound).")
        }
        guard options.tolerance >= 0, options.tolerance.isFinite else {
            throw NuthatchError(
                code: .usage, message: "The tolerance is \(options.tolerance) nats.",
                remedy: "Choose 0 or more, 0.01 for example.")
        }
        guard contextLength >= max(2, options.depthCount) else {
            throw NuthatchError(
                code: textTokenCount < 2 ? .badData : .usage,
                message: "\(Counted.text(contextLength, "token")), of a text of \(textTokenCount), have no "
                    + "\(options.depthCount) depths to compare at.",
                remedy: "Compare over more tokens (a longer text, --context), or at fewer depths (--depths).")
        }
        guard contextLength + options.generatedTokenCount <= most else {
            throw NuthatchError(
                code: .contextFull,
                message:
                    "\(Counted.text(contextLength, "token")) and \(options.generatedTokenCount) to generate are more "
                    + "than the \(most) of the context.",
                remedy:
                    "Compare over \(max(2, most - options.generatedTokenCount)) tokens at most (--context).")
        }
    }

    // MARK: Entries

    private static func entry(
        _ variant: CacheVariant, _ decoder: Decoder, _ model: LanguageModel, _ depths: [Int],
        _ quality: CacheQualityRun.Outcome, _ rounds: [CacheSpeedRun.Round], contextLength: Int, memory: Int
    ) throws -> Entry {
        let options = variant.options
        let plan = try options.plan(for: decoder)
        func speeds(_ rates: (CacheSpeedRun.Round) -> [Double]) -> [Speed] {
            depths.enumerated().map { index, depth in
                let sorted = rounds.map { rates($0)[index] }.sorted()
                return Speed(
                    depth: depth, median: Benchmark.median(sorted), lowest: sorted.first ?? 0,
                    highest: sorted.last ?? 0)
            }
        }
        let steps = 32
        let planned = (0...steps).compactMap { step -> Bytes? in
            let count = model.contextLength * step / steps
            return plan.byteCount(tokenCount: count).map { Bytes(tokenCount: count, byteCount: $0) }
        }
        let weights = LoadOptions.Weights(rawValue: decoder.precision.rawValue) ?? .native
        let longest = try MemoryPlan(
            model.digests.checkpoint, weights: weights, cache: options,
            question: MemoryPlan.Question(byteBudget: memory)
        ).contextLength
        let kept = plan.layers.allSatisfy { layer in
            layer.retention == layer.geometry.retention
        }
        return Entry(
            name: variant.name, keys: options.keys.rawValue, values: options.values.rawValue,
            retention: options.retention.description, placement: options.placement.name,
            prefill: speeds(\.prefillRates), decode: speeds(\.decodeRates),
            bytes: depths.enumerated().map { index, depth in
                Bytes(tokenCount: depth, byteCount: rounds[0].byteCounts[index])
            },
            plannedBytes: planned, bitsPerValue: quality.bitsPerValue,
            quality: Quality(
                meanKLDivergence: max(0, quality.sums.meanDivergence),
                highestKLDivergence: max(0, quality.highestDivergence),
                top1Agreement: quality.sums.agreement, perplexity: quality.sums.perplexity,
                firstDifference: quality.firstDifference),
            longestContext: min(longest, model.contextLength), dropsTokens: !kept,
            isJudged: !plan.configuration.isQuantized
                || contextLength >= CacheTest.leastTokenCount + plan.configuration.residualLength)
    }
}
