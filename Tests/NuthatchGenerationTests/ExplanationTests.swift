import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What introductions to the KV cache print, watched on this engine: the same sizes, line by line.
@Suite struct ExplanationTests {
    /// A vocabulary of bytes and a few words.
    private func tinyModel(maxPositions: Int = 256) async throws -> (LanguageModel, TemporaryDirectory) {
        let tiny = TinyLlama(
            maxPositions: maxPositions, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: false)
        return (
            try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 2)), directory
        )
    }

    private func expectSound(_ explanation: Explanation, sourceLocation: SourceLocation = #_sourceLocation) {
        for step in explanation.steps {
            #expect(step.logitsAreEqual != false, "step \(step.index)", sourceLocation: sourceLocation)
            for pass in [step.cached, step.uncached].compactMap({ $0 }) {
                #expect(pass.isCountedRight, "step \(step.index)", sourceLocation: sourceLocation)
                #expect(pass.attentions.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-4 })
            }
        }
    }

    // MARK: Sizes

    @Test("A decoder of one head with its cache: input 10, then 1; cache 10, 11, 12")
    func oneHeadsCacheGrows() async throws {
        let explanation = try await ExplanationScenario.decoderWithKVCache.explain()
        expectSound(explanation)
        let tokens = explanation.steps.compactMap { $0.next?.text }
        #expect(
            explanation.shapeLines == [
                "Generation 0 step input_shape: [1, 10]", "input_Q: [1, 10, 128]", "input_K: [1, 10, 128]",
                "input_V: [1, 10, 128]", "cache_K: [1, 10, 128]", "cache_V: [1, 10, 128]",
                "next token: \(tokens[0])",
                "Generation 1 step input_shape: [1, 1]", "input_Q: [1, 1, 128]", "input_K: [1, 1, 128]",
                "input_V: [1, 1, 128]", "cache_K: [1, 11, 128]", "cache_V: [1, 11, 128]",
                "next token: \(tokens[1])",
                "Generation 2 step input_shape: [1, 1]", "input_Q: [1, 1, 128]", "input_K: [1, 1, 128]",
                "input_V: [1, 1, 128]", "cache_K: [1, 12, 128]", "cache_V: [1, 12, 128]",
                "next token: \(tokens[2])",
            ])
        #expect(explanation.sizes.vocabularySize == 64 && explanation.sizes.hiddenSize == 128)
    }

    @Test("A tiny Llama without a cache: inputs 10, 11, 12, 13")
    func tinyLlamasInputsGrow() async throws {
        let explanation = try await ExplanationScenario.tinyLlama.explain()
        expectSound(explanation)
        #expect(
            explanation.shapeLines == (0..<4).map { "Generation \($0) step input_shape: [1, \(10 + $0)]" })
        let sizes = explanation.sizes
        #expect(sizes.vocabularySize == 100 && sizes.hiddenSize == 256 && sizes.layerCount == 2)
        #expect(sizes.queryHeadCount == 4 && sizes.kvHeadCount == 4 && sizes.headDimension == 64)
        #expect(explanation.steps.allSatisfy { $0.cached == nil })
        // The same decoder each time.
        #expect(try await ExplanationScenario.tinyLlama.explain() == explanation)
    }

    // MARK: On real models

    @Test(
        "中华人民 is continued to 共和国, with the same bits with and without a cache",
        .enabled(if: RealModel.isExpected(RealModel.gemma)))
    func chineseTextGoesOn() async throws {
        let model = try await RealModel.load(RealModel.gemma)
        let explanation = try await model.explain(.zhonghua)
        expectSound(explanation)
        #expect(explanation.text == "<bos>中华人民共和国")
        for step in explanation.steps {
            let (cached, uncached) = (try #require(step.cached), try #require(step.uncached))
            #expect(uncached.inputs.count == step.tokenCount && uncached.cachedTokenCount == 0)
            #expect(cached.cachedTokenCount + cached.inputs.count == step.tokenCount)
            if step.index > 0 { #expect(cached.inputs.count == 1) }
            // The upper left of a step's scores is the step's before.
            guard step.index > 0 else { continue }
            let before = try #require(explanation.steps[step.index - 1].uncached).scores
            #expect(uncached.scores.dropLast().map { Array($0.dropLast()) } == before)
            #expect(uncached.scores.last == cached.scores.last)
        }
    }

    @Test(
        "Inputs behind the first token grow by one; with a cache one is computed",
        .enabled(if: RealModel.isExpected(RealModel.gemma)))
    func inputsOfThePrefixTable() async throws {
        let explanation = try await RealModel.load(RealModel.gemma).explain(.prefixTable)
        expectSound(explanation)
        #expect(
            explanation.steps.map { $0.uncached?.inputs.map(\.text) } == [
                ["<bos>"], ["<bos>", "遥"], ["<bos>", "遥", "遥"], ["<bos>", "遥", "遥", "领"],
            ])
        #expect(
            explanation.steps.map { $0.cached?.inputs.map(\.text) } == [["<bos>"], ["遥"], ["遥"], ["领"]])
        #expect(explanation.steps.map(\.isGiven) == [true, true, true, false])
    }

    @Test("Each query is read once, keys by all that follow", .enabled(if: RealModel.isExpected))
    func queriesAreReadOnce() async throws {
        let explanation = try await RealModel.load().explain(.oneToken)
        expectSound(explanation)
        #expect(explanation.uses.allSatisfy { $0.queryReadCount == 1 })
        let prompt = try #require(explanation.steps[0].cached).inputs.count
        for use in explanation.uses {
            // Tokens of a prompt are read by its pass together.
            #expect(
                use.keyReadCount == explanation.steps.count - max(0, use.position - prompt + 1), "\(use)")
        }
    }

    // MARK: Any model

    @Test(
        "Kept otherwise, the same bits come with and without the cache",
        arguments: [
            .default, .halfFloats, try CacheOptions(keys: .q4, values: .q4),
            try CacheOptions(retention: .window(length: 20)),
            try CacheOptions(retention: .sinks(count: 2, window: 16, positions: .trueDistance)),
        ])
    func keptOtherwise(cache: CacheOptions) async throws {
        let (model, _) = try await tinyModel()
        var options = ExplanationOptions()
        options.cache = cache
        options.layer = 0
        options.head = 1
        options.stepCount = 30
        let text = String(repeating: "the nuthatch hides every seed ", count: 6)
        let explanation = try await model.explain(text, options: options)
        expectSound(explanation)
        #expect(explanation.layer == 0 && explanation.head == 1 && explanation.steps.count == 30)
    }

    @Test("Without a cache alone there is nothing to compare")
    func withoutACacheAlone() async throws {
        let (model, _) = try await tinyModel()
        var options = ExplanationOptions()
        options.ways = .uncached
        let explanation = try await model.explain("seed", options: options)
        #expect(explanation.steps.allSatisfy { $0.cached == nil && $0.logitsAreEqual == nil })
        #expect(explanation.uses[0].queryReadCount == 4)
    }

    @Test func whatIsNotThereIsRefused() async throws {
        let (model, _) = try await tinyModel()
        func message(_ change: (inout ExplanationOptions) -> Void, _ prompt: String = "seed") async throws
            -> String
        {
            var options = ExplanationOptions()
            change(&options)
            let asked = options
            let error = await #expect(throws: NuthatchError.self) {
                _ = try await model.explain(prompt, options: asked)
            }
            #expect(error?.code == .usage && error?.remedy != nil)
            return error?.message ?? ""
        }
        #expect(try await message { $0.layer = 2 }.contains("layer 2"))
        #expect(try await message { $0.layer = -1 }.contains("layer -1"))
        #expect(try await message { $0.head = 2 }.contains("head 2"))
        #expect(try await message { $0.stepCount = 0 }.contains("0 steps"))
        #expect(try await message { $0.stepCount = .max / 2 }.contains("steps"))
        #expect(try await message({ _ in }, "").contains("no tokens"))
        for scenario in [ExplanationScenario.tinyLlama, .decoderWithKVCache, .thousandTokens] {
            await #expect(throws: NuthatchError.self) { _ = try await model.explain(scenario) }
        }
        for scenario in [ExplanationScenario.zhonghua, .prefixTable, .oneToken, .thousandTokens] {
            await #expect(throws: NuthatchError.self) { _ = try await scenario.explain() }
        }
        let error = await #expect(throws: NuthatchError.self) {
            _ = try await ExplanationScenario.tinyLlama.explain(scratch: "/nowhere/at/all")
        }
        #expect(error?.message.contains("/nowhere/at/all") == true)
    }

    // MARK: The experiment

    @Test("Both ways give the same tokens; one computes each once, the other all of them again")
    func theExperimentCounts() async throws {
        let (model, _) = try await tinyModel()
        let experiment = try await CacheExperiment(model, prompt: "seed", tokenCount: 80)
        let first = experiment.promptTokenCount
        #expect(experiment.tokensAreEqual)
        #expect(experiment.cachedSeconds.count == 80 && experiment.uncachedSeconds.count == 80)
        #expect(experiment.cachedComputedTokenCount == first + 79)
        #expect(experiment.uncachedComputedTokenCount == 80 * first + 79 * 80 / 2)
        let ratio =
            Double(experiment.uncachedWork.matrixMultiplyAdds)
            / Double(experiment.cachedWork.matrixMultiplyAdds)
        #expect(ratio > 15)
        for tokenCount in [0, -1, 1000] {
            await #expect(throws: NuthatchError.self) {
                _ = try await CacheExperiment(model, prompt: "seed", tokenCount: tokenCount)
            }
        }
    }
}
