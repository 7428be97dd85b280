import Nuthatch
import NuthatchTestSupport
import Testing

/// The snippets of the articles on models, explanations, comparisons and single steps; `DocumentationTests` has the others.
@Suite struct ArticleTests {
    /// Explaining.md
    @Test func explanations() async throws {
        let model = try await LanguageModel.load("smollm2")

        let explanation = try await model.explain("A nuthatch hides its seeds in the bark of")
        for step in explanation.steps {
            guard let cached = step.cached, let uncached = step.uncached else { continue }
            print(
                "\(step.next?.text ?? ""): \(cached.inputs.count) tokens computed instead of \(uncached.inputs.count),",
                step.logitsAreEqual == true ? "to the same bits" : "and the bits differ")
        }

        #expect(explanation.steps.allSatisfy { $0.logitsAreEqual == true })
        #expect(explanation.steps.map { $0.cached?.inputs.count } == [41, 1, 1, 1])
    }

    /// Explaining.md
    @Test func scenarios() async throws {
        let explanation = try await ExplanationScenario.decoderWithKVCache.explain()
        print(explanation.shapeLines.joined(separator: "\n"))

        #expect(explanation.steps.count == 3)
    }

    /// Explaining.md
    @Test func experiments() async throws {
        let model = try await LanguageModel.load("smollm2")

        let experiment = try await CacheExperiment(model, tokenCount: 40)
        print(
            experiment.ratio, "times as long without the cache;", experiment.keptByteCount,
            "bytes are the price")
        print(experiment.tokensAreEqual)

        #expect(experiment.tokensAreEqual && experiment.cachedSeconds.count == 40)
    }

    /// Comparing.md
    @Test func comparisons() async throws {
        let model = try await LanguageModel.load("smollm2")

        let exact = try await LanguageModel.load("smollm2", options: LoadOptions(weights: .f32))
        let variants = [
            CacheVariant("f16", try CacheOptions(keys: .f16, values: .f16)),
            CacheVariant("q8", try CacheOptions(keys: .q8, values: .q8)),
            CacheVariant("q8/q4", try CacheOptions(keys: .q8, values: .q4)),
        ]
        var options = ComparisonOptions()
        options.contextLength = 512

        let comparison = try await CacheComparison(
            model, exact: exact, variants: variants, text: SampleText.text, options: options)
        for entry in comparison.entries {
            print(entry.name, entry.bitsPerValue, entry.quality.meanKLDivergence, entry.longestContext)
        }
        print(comparison.recommendation?.name ?? "none is within the tolerance")

        #expect(comparison.entries.map(\.name) == ["f16", "q8", "q8/q4"])
    }

    /// Comparing.md
    @Test func fewestBits() async throws {
        let model = try await LanguageModel.load("smollm2")
        let exact = try await LanguageModel.load("smollm2", options: LoadOptions(weights: .f32))

        let test = try await CacheTest(exact)
        print(test.byteCount, "bytes for the whole context instead of", test.floatByteCount)

        let session = try Session(model, cache: try test.choice.options())

        let report = await session.cacheReport
        #expect(try report.options == test.choice.options())
        #expect(test.choice.fingerprint.count == 16)
    }

    /// Models.md
    @Test func loading() async throws {
        let options = try LoadOptions(threadCount: 4, memoryBudget: 1_000_000_000)
        let model = try await LanguageModel.load("smollm2", options: options) { progress in
            print(progress.file, progress.byteCount, "of", progress.totalByteCount)
        }
        print(model.name, model.contextLength, model.weightByteCount)

        // At most one per core.
        #expect((1...4).contains(model.threadCount))
    }

    /// Models.md
    @Test func refusals() async throws {
        let model = try await LanguageModel.load("smollm2")
        let question = String(repeating: "Why? ", count: 1000)

        do {
            _ = try await Session(model).respond(to: question)
        } catch let error as NuthatchError where error.code == .contextFull {
            print(error.message, error.remedy ?? "")
        }
    }

    /// StepByStep.md
    @Test func steps() async throws {
        let model = try await LanguageModel.load("smollm2")

        let sequence = try TokenSequence(model)
        let tokens = try model.tokenizer.encode("A nuthatch hides")
        let step = try await sequence.append(tokens, observing: [.attentions])

        let last = step.logits.suffix(model.vocabularySize)
        let next = last.indices.max { last[$0] < last[$1] } ?? last.startIndex
        print(model.tokenizer.text(of: TokenID(next - last.startIndex)))

        var layers: [KeysAndValues] = []
        for layer in 0..<sequence.shape.layerCount {
            layers.append(try await sequence.keysAndValues(layer: layer))
        }
        let other = try TokenSequence(model)
        try await other.restore(await sequence.tokens, layers)

        #expect(step.attentions[0].count == sequence.shape.queryHeadCount * tokens.count * tokens.count)
        #expect(await other.tokens == tokens)
    }
}

/// Loads a tiny model where the articles name a published one.
extension LanguageModel {
    fileprivate static func load(_ name: String) async throws -> LanguageModel {
        try await load(name, options: .default)
    }

    fileprivate static func load(
        _ name: String, options: LoadOptions,
        progress: @escaping @Sendable (ModelLibrary.Progress) -> Void = { _ in }
    ) async throws -> LanguageModel {
        let tiny = try TinyModel.llama(maxPositions: 1024, layerCount: 2, paddedSize: 1280)
        return try await load(tiny.path, options: options, library: nil, progress: progress)
    }
}
