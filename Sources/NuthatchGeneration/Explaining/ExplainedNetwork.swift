import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// A decoder to look at, with what computes it: a model's own, or one of random weights that has no vocabulary.
struct ExplainedNetwork: Sendable {
    let name: String
    let decoder: Decoder
    let engine: Engine
    /// Nil where ids are all there is.
    let tokenizer: Tokenizer?
    // The memory of its passes. Touched on the engine thread alone.
    nonisolated(unsafe) let runner: NetworkRunner

    init(_ model: LanguageModel) throws(NuthatchError) {
        name = model.name
        decoder = try model.requireDecoder(for: "An explanation")
        engine = model.engine
        tokenizer = model.tokenizer
        runner = model.runner
    }

    /// A decoder of random weights.
    init(_ decoder: Decoder, threadCount: Int) throws {
        name = decoder.family
        self.decoder = decoder
        engine = try Engine(workers: WorkerPool(workerCount: threadCount), kvByteBudget: nil)
        tokenizer = nil
        runner = try NetworkRunner(.decoder(decoder), on: engine.workers, pool: engine.pages)
    }

    func token(_ id: TokenID) -> Explanation.Token {
        Explanation.Token(id: id, text: tokenizer?.readable(id) ?? "\(id)")
    }

    var sizes: Explanation.Sizes {
        let specification = decoder.specification
        let geometry = decoder.layerGeometries[0]
        return Explanation.Sizes(
            layerCount: specification.layers.count, hiddenSize: specification.hiddenSize,
            queryHeadCount: specification.attention.heads.queryCount, kvHeadCount: geometry.kvHeadCount,
            headDimension: geometry.keyDimension,
            vocabularySize: specification.embedding.vocabularySize)
    }
}
