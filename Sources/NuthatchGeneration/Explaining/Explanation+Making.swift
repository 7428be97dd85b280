import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

extension LanguageModel {
    /// Goes through a generation step by step, with and without the cache, and tells what is inside.
    ///
    /// The most probable token is taken at each step. Passes have a probe, so they take longer than generating does.
    ///
    /// - Parameters:
    ///   - prompt: the text to go on from, not a conversation.
    ///   - options: what to look at.
    /// - Throws: `NuthatchError` for a prompt without tokens or more of them, with the steps, than an explanation has, and for
    ///   a layer or head that the model doesn't have.
    public func explain(
        _ prompt: String, options: ExplanationOptions = ExplanationOptions()
    ) async throws -> Explanation {
        try await explain(prompt, scenario: nil, options)
    }

    /// Goes through a scenario that is told on a model.
    ///
    /// - Parameters:
    ///   - scenario: which one.
    ///   - options: what to look at.
    /// - Throws: `NuthatchError`, as for a prompt; usage for a scenario that makes its own decoder or is an experiment.
    public func explain(
        _ scenario: ExplanationScenario, options: ExplanationOptions = ExplanationOptions()
    ) async throws -> Explanation {
        try await explain(scenario.prompt, scenario: scenario, options)
    }

    private func explain(
        _ prompt: String, scenario: ExplanationScenario?, _ options: ExplanationOptions
    ) async throws -> Explanation {
        let network = try ExplainedNetwork(self)
        do {
            try scenario?.checkTakesModel()
            let tokens = try tokenizer.encode(prompt, addsSpecialTokens: true, parsesSpecialTokens: true)
            try requireEmbedding(of: tokens)
            let given = try tokenizer.encode(
                scenario?.givenText ?? "", addsSpecialTokens: false, parsesSpecialTokens: false)
            // The last of what is given is an input too.
            let usual = scenario.map { $0.usualStepCount == 0 ? given.count + 1 : $0.usualStepCount } ?? 4
            let question = try ExplanationRun.Question(
                network, scenario: scenario, prompt: tokens, given: given, usualStepCount: usual, options)
            return try await ExplanationRun(network, question).explain()
        } catch {
            throw NuthatchError(explaining: error)
        }
    }
}

extension ExplanationScenario {
    /// Goes through a scenario that makes its own decoder, of random weights: the same ones each time.
    ///
    /// - Parameters:
    ///   - directory: where a file stands while the decoder is made.
    ///   - threadCount: worker threads.
    ///   - options: what to look at.
    /// - Throws: `NuthatchError`: usage for a scenario that is told on a model, or a layer or head that is not there;
    ///   badData where the file can't be written.
    public func explain(
        scratch directory: String = "/tmp", threadCount: Int = 1,
        options: ExplanationOptions = ExplanationOptions()
    ) async throws -> Explanation {
        do {
            var options = options
            let decoder: Decoder
            var remarks = [
                "Weights and inputs are random, from a fixed seed: shapes and counts mean something, tokens don't."
            ]
            switch self {
            case .tinyLlama:
                decoder = try ToyDecoder.tinyLlama(scratch: directory)
                options.ways = .uncached
            case .decoderWithKVCache:
                decoder = try ToyDecoder.oneHead(scratch: directory)
                remarks.append(
                    "Introductions print this decoder without softmax, scale, mask, norms and feed-forward; this one has "
                        + "them, and the same shapes.")
            case .zhonghua, .prefixTable, .oneToken, .thousandTokens:
                throw NuthatchError(
                    code: .usage, message: "The scenario \(rawValue) is told on a model.",
                    remedy: "Load one and ask it (LanguageModel.explain).")
            }
            let network = try ExplainedNetwork(decoder, threadCount: threadCount)
            var generator = SeededGenerator(seed: 3)
            let size = UInt64(decoder.specification.embedding.vocabularySize)
            let prompt = (0..<10).map { _ in TokenID(generator.next() % size) }
            var question = try ExplanationRun.Question(
                network, scenario: self, prompt: prompt, given: [], usualStepCount: usualStepCount, options)
            question.remarks = remarks
            return try await ExplanationRun(network, question).explain()
        } catch {
            throw NuthatchError(explaining: error)
        }
    }

    fileprivate func checkTakesModel() throws(NuthatchError) {
        switch self {
        case .zhonghua, .prefixTable, .oneToken: return
        case .tinyLlama, .decoderWithKVCache:
            throw NuthatchError(
                code: .usage, message: "The scenario \(rawValue) makes its own decoder.",
                remedy: "Leave the model out.")
        case .thousandTokens:
            throw NuthatchError(
                code: .usage, message: "The scenario \(rawValue) measures time, and is no explanation.",
                remedy: "Run it as an experiment (CacheExperiment).")
        }
    }
}

extension ExplanationRun.Question {
    /// Whether a layer's scores can be told: queries that look at something from another place have two for each key.
    private static func checkScores(
        _ network: ExplainedNetwork, _ cache: CacheOptions, layer: Int
    ) throws(NuthatchError) {
        let plan = try cache.plan(for: network.decoder)
        guard plan.layers[layer].retention.distantLimit != nil else { return }
        throw NuthatchError(
            code: .usage,
            message:
                "Layer \(layer) looks at sinks as if they were adjacent, or into a compressive memory; its scores are "
                + "not of one row of positions and can't be explained.",
            remedy: "Keep everything, a window (--kv-retention window=N), or sinks at their true distance "
                + "(sinks=S+N,positions=true).")
    }

    /// The most tokens of an explanation, prompt and steps together: its matrices have their square.
    static let mostTokens = 256

    fileprivate init(
        _ network: ExplainedNetwork, scenario: ExplanationScenario?, prompt: [TokenID], given: [TokenID],
        usualStepCount: Int, _ options: ExplanationOptions
    ) throws(NuthatchError) {
        let specification = network.decoder.specification
        let stepCount = options.stepCount ?? usualStepCount
        guard !prompt.isEmpty else {
            throw NuthatchError(
                code: .usage, message: "The prompt has no tokens; there is nothing to go on from.",
                remedy: "Give a text.")
        }
        let most = min(Self.mostTokens, network.decoder.context.length, network.runner.maximumRowCount)
        guard stepCount > 0, prompt.count + stepCount <= most else {
            throw NuthatchError(
                code: .usage,
                message:
                    "A prompt of \(Counted.text(prompt.count, "token")) and \(Counted.text(stepCount, "step")) were "
                    + "asked to be explained.",
                remedy:
                    "Together they may be \(most), with one step at least: choose a shorter prompt, or other steps."
            )
        }
        let layerCount = specification.layers.count
        let layer = options.layer ?? layerCount - 1
        for (name, value, count) in [
            ("layer", layer, layerCount),
            ("query head", options.head, specification.attention.heads.queryCount),
        ] where !(0..<count).contains(value) {
            throw NuthatchError(
                code: .usage,
                message:
                    "The \(name) \(value) was to be looked at; \(network.name) has \(count), counted from 0.",
                remedy: count == 1 ? "Choose 0." : "Choose 0 to \(count - 1).")
        }
        try Self.checkScores(network, options.cache, layer: layer)
        self.init(
            scenario: scenario, prompt: prompt, given: given, stepCount: stepCount,
            computesCached: options.ways == .both, layer: layer, head: options.head, cache: options.cache)
    }
}
