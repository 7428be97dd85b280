import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// A `CacheTest`: each kind of layer alone, then the combinations that take the fewest bytes of those whose costs together
/// are within the tolerance, until one is that is measured to be.
struct CacheTestRun {
    private typealias Sides = (keys: CacheOptions.Storage, values: CacheOptions.Storage)

    /// Keys are the sensitive side, so values go ahead of them. The last is what everything else is measured against in size.
    private static let sizes: [Sides] = [
        (.q2, .q2), (.q4, .q2), (.q4, .q4), (.q8, .q4), (.q8, .q8), (.f16, .f16),
    ]
    /// Tokens of the program's own text that are measured on: seconds of a small model.
    private static let ownTokenCount = 512
    /// Tokens of any other text.
    private static let usualTokenCount = 2048
    /// Combinations that are measured at a time.
    private static let combinationCount = 3

    private let model: LanguageModel
    private let tolerance: Double
    private let progress: @Sendable (Double) -> Void

    init(
        _ model: LanguageModel, tolerance: Double, progress: @escaping @Sendable (Double) -> Void
    ) throws(NuthatchError) {
        guard tolerance >= 0, tolerance.isFinite else {
            throw NuthatchError(
                code: .usage, message: "The tolerance is \(tolerance) nats.",
                remedy: "Choose 0 or more, 0.01 for example.")
        }
        self.model = model
        self.tolerance = tolerance
        self.progress = progress
    }

    /// - Parameter text: nil takes the beginning of `SampleText`.
    func test(_ text: String?, contextLength: Int?) async throws -> CacheTest {
        let decoder = try model.requireDecoder(for: "A test of caches")
        let all = try model.tokenizer.encode(
            text ?? SampleText.text, addsSpecialTokens: true, parsesSpecialTokens: false)
        try model.requireEmbedding(of: all)
        let usual = text == nil ? Self.ownTokenCount : Self.usualTokenCount
        let tokens = Array(all.prefix(max(0, min(contextLength ?? usual, model.contextLength))))
        guard tokens.count >= CacheTest.leastTokenCount else {
            throw NuthatchError(
                code: .badData,
                message:
                    "\(Counted.text(tokens.count, "token")) were to be measured on, of a text of \(all.count) and a "
                    + "context of \(model.contextLength); pages are coded when they are full, and so few say nothing.",
                remedy:
                    "Give a text of \(CacheTest.leastTokenCount) tokens or more, to a model with room for them."
            )
        }
        let windowCount = decoder.layerGeometries.count(where: \.hasWindow)
        let fullCount = decoder.layerGeometries.count - windowCount
        // What has one kind only says how all are held.
        let names = fullCount == 0 ? ["window"] : windowCount == 0 ? ["full"] : ["full", "window"]
        var tried: [(kind: Int, sides: Sides)] = []
        for kind in names.indices { for sides in Self.sizes { tried.append((kind, sides)) } }
        let allowed = tried.filter { canHave(options($0.sides, of: $0.kind, names.count)) }
        let costs = try await measure(
            allowed.compactMap { options($0.sides, of: $0.kind, names.count) }, tokens, from: 0, to: 0.7)
        let kinds = names.enumerated().map { kind, name in
            CacheTest.Kind(
                name: name, layerCount: name == "full" ? fullCount : windowCount,
                candidates: zip(allowed, costs).filter { $0.0.kind == kind }.map { candidate, cost in
                    CacheTest.Candidate(
                        keys: candidate.sides.keys, values: candidate.sides.values, meanKLDivergence: cost)
                })
        }
        let choice = try await choose(kinds, tokens)
        progress(1)
        return try CacheTest(
            model: model, decoder: decoder, tokenCount: tokens.count, tolerance: tolerance, kinds: kinds,
            choice: choice)
    }

    /// A cache whose other kind is held in half floats; nil for sizes that go together in no cache.
    private func options(_ sides: Sides, of kind: Int, _ kindCount: Int) -> CacheOptions? {
        if kindCount == 1 { return try? CacheOptions(keys: sides.keys, values: sides.values) }
        return kind == 0
            ? try? CacheOptions(
                keys: sides.keys, values: sides.values, windowKeys: .f16, windowValues: .f16)
            : try? CacheOptions(
                keys: .f16, values: .f16, windowKeys: sides.keys, windowValues: sides.values)
    }

    /// Whether the model can have a cache: heads of some sizes can't be held rotated.
    private func canHave(_ options: CacheOptions?) -> Bool {
        options.map(model.canKeep) ?? false
    }

    /// Mean divergences of caches.
    private func measure(
        _ options: [CacheOptions], _ tokens: [TokenID], from start: Double, to end: Double
    ) async throws -> [Double] {
        let done = DoneCount()
        let total = Double(tokens.count * (options.count + 1))
        return try await CacheQualityRun(model, options).measure(tokens, generatedTokenCount: 0) { count in
            progress(start + (end - start) * Double(done.add(count)) / total)
        }.map { max(0, $0.sums.meanDivergence) }
    }

    // MARK: Choosing

    private struct Combination {
        let options: CacheOptions
        let byteCount: Int
        /// The sum of what its kinds cost alone.
        let expected: Double
    }

    private func choose(_ kinds: [CacheTest.Kind], _ tokens: [TokenID]) async throws -> CacheChoice {
        var rest = try combinations(kinds).filter { $0.expected <= tolerance }
            .sorted { ($0.byteCount, $0.expected) < ($1.byteCount, $1.expected) }[...]
        while !rest.isEmpty {
            let next = Array(rest.prefix(Self.combinationCount))
            rest = rest.dropFirst(next.count)
            let costs = try await measure(next.map(\.options), tokens, from: 0.7, to: 0.98)
            for (combination, cost) in zip(next, costs) where cost <= tolerance {
                return choice(combination.options, cost)
            }
        }
        return choice(.halfFloats, try await measure([.halfFloats], tokens, from: 0.98, to: 1)[0])
    }

    private func choice(_ options: CacheOptions, _ cost: Double) -> CacheChoice {
        CacheChoice(
            model: model.name, fingerprint: model.fingerprint, keys: options.keys, values: options.values,
            windowKeys: options.windowKeys, windowValues: options.windowValues, meanKLDivergence: cost,
            tolerance: tolerance)
    }

    private func combinations(_ kinds: [CacheTest.Kind]) throws -> [Combination] {
        let decoder = try model.requireDecoder(for: "A test of caches")
        let windows = kinds.count > 1 ? kinds[1].candidates : []
        var combinations: [Combination] = []
        func add(_ options: CacheOptions, _ expected: Double) throws {
            let plan = try options.plan(for: decoder)
            combinations.append(
                Combination(
                    options: options, byteCount: plan.byteCount(tokenCount: model.contextLength) ?? .max,
                    expected: expected))
        }
        for candidate in kinds[0].candidates {
            if windows.isEmpty {
                try add(
                    CacheOptions(keys: candidate.keys, values: candidate.values), candidate.meanKLDivergence)
            }
            for window in windows {
                try add(
                    CacheOptions(
                        keys: candidate.keys, values: candidate.values, windowKeys: window.keys,
                        windowValues: window.values),
                    candidate.meanKLDivergence + window.meanKLDivergence)
            }
        }
        return combinations
    }
}
