import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

/// Latents in the cache, or each head's keys and values made of them: the same numbers.
@Suite struct LatentAttentionTests {
    static let models = GoldenModel.all.filter { $0.name.hasPrefix("deepseek") }

    private func expanded(_ model: GoldenModel) throws -> Decoder {
        let checkpoint = try model.checkpoint()
        let description = try ModelDescription(checkpoint)
        let specification = description.specification
        var attention = specification.attention
        attention.latent?.form = .expanded
        return try Decoder(
            checkpoint,
            described: ModelDescription(
                family: description.family,
                specification: try DecoderSpecification(
                    file: model.path, hiddenSize: specification.hiddenSize,
                    contextLength: specification.contextLength, embedding: specification.embedding,
                    attention: attention, feedForward: specification.feedForward, norms: specification.norms,
                    layers: specification.layers),
                names: description.names),
            precision: .f32)
    }

    @Test("The expanded form gives the absorbed one's logits", arguments: models)
    func formsAgree(model: GoldenModel) throws {
        let tokens = try model.prompt()
        let absorbed = try Bench(try model.decoder())
        let expanded = try Bench(try expanded(model))
        let ours = try absorbed.logits(tokens, into: try absorbed.cache(), chunkLength: 7)
        let theirs = try expanded.logits(tokens, into: try expanded.cache(), chunkLength: 7)
        for (our, their) in zip(ours, theirs) { #expect(relativeDistance(our, their) <= 1e-5) }
    }

    @Test("The absorbed form's cache holds latents, however many heads there are", arguments: models)
    func cacheHoldsLatents(model: GoldenModel) throws {
        let decoder = try model.decoder()
        let latent = try #require(decoder.specification.attention.latent)
        let geometry = decoder.layerGeometries[0]
        #expect(geometry.kvHeadCount == 1)
        #expect(geometry.keyDimension == latent.rank + latent.turnedDimension)
        #expect(geometry.valueDimension == latent.rank)
        #expect(geometry.values == .firstKeyColumns)
        #expect(geometry.numbersPerToken == latent.rank + latent.turnedDimension)
        #expect(
            try expanded(model).layerGeometries[0].kvHeadCount
                == decoder.specification.attention.heads.queryCount)
    }

    @Test("Sinks at positions in the cache are refused: absorbed queries turn once")
    func sinksInTheCacheAreRefused() throws {
        let bench = try Bench(try Self.models[0].decoder())
        let cache = try bench.cache(retention: .sinks(count: 2, window: 8, positions: .inCache))
        let error = try #require(throws: ModelError.self) { _ = try bench.logits([1, 2], into: cache) }
        guard case .fixedPositions(_, 0) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(cache.tokenCount == 0)
    }
}
