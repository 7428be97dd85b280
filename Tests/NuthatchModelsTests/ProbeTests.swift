import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Every stage of a pass can be looked at, and the stages fit each other.
@Suite struct ProbeTests {
    private func probe(
        _ bench: Bench, _ tokens: ArraySlice<TokenID>, layer: Int, into cache: SequenceCache
    ) throws -> PassProbe {
        let probe = try PassProbe(ProbePoint.all(layer: layer), of: bench.decoder, rowCount: tokens.count)
        try bench.decoder.forward(
            PassEntry(cache, tokens, logits: .last), probe: probe, workspace: bench.workspace,
            pool: bench.workers)
        return probe
    }

    @Test("Stages have the shapes they say", arguments: ["gemma3-pattern", "deepseek2-groups", "llama-tied"])
    func stagesHaveTheirShapes(name: String) throws {
        let model = GoldenModel.named(name)
        let bench = try Bench(try model.decoder())
        let specification = bench.decoder.specification
        let tokens = try model.prompt()
        for layer in specification.layers.indices {
            let cache = try bench.cache()
            _ = try bench.logits(Array(tokens.prefix(7)), into: cache)
            let seen = try probe(bench, tokens[7..<12], layer: layer, into: cache)
            let geometry = bench.decoder.layerGeometries[layer]
            for stage in [ProbeStage.norm, .output, .feedForward] {
                #expect(
                    seen.floats(ProbePoint(stage, layer: layer)).count == 5 * specification.hiddenSize)
            }
            #expect(seen.floats(ProbePoint(.embedding)).count == 5 * specification.hiddenSize)
            let turned = ProbePoint(.rotated, layer: layer)
            let queryCount = specification.attention.heads.queryCount
            #expect(seen.floats(turned, .queries).count == 5 * queryCount * geometry.keyDimension)
            #expect(seen.floats(turned, .keys).count == 5 * geometry.kvHeadCount * geometry.keyDimension)
            #expect(seen.floats(turned, .values).count == 5 * geometry.kvHeadCount * geometry.valueDimension)
            #expect(seen.logits.count == specification.embedding.vocabularySize)
            #expect(seen.scores[layer]?.count == queryCount * 5 * 12)
            let contents = try #require(seen.contents[layer])
            // What the pass's own rows appended stands at the end of what was held.
            let keys = seen.floats(turned, .keys)
            let dimension = geometry.keyDimension
            let own = (0..<5).flatMap { row in
                keys[
                    row * geometry.kvHeadCount * dimension..<row * geometry.kvHeadCount * dimension
                        + dimension]
            }
            let held = contents.positions.count
            #expect(Array(contents.keys[(held - 5) * dimension..<held * dimension]) == own)
        }
    }

    @Test("Scores and attentions are of one softmax, and behind the diagonal there is none")
    func scoresAreBeforeTheSoftmax() throws {
        let model = GoldenModel.named("llama-tied")
        let bench = try Bench(try model.decoder())
        let seen = try probe(bench, try model.prompt().prefix(6)[...], layer: 0, into: try bench.cache())
        let (scores, shares) = (try #require(seen.scores[0]), try #require(seen.attentions[0]))
        for row in 0..<6 {
            let range = row * 6..<row * 6 + 6
            let highest = scores[range].max() ?? 0
            let weights = scores[range].map { RealFunctions.exponential(Double($0 - highest)) }
            for (index, weight) in zip(range, weights) {
                #expect(abs(Double(shares[index]) - weight / weights.reduce(0, +)) < 1e-6)
            }
            #expect(scores[range.dropFirst(row + 1)].allSatisfy { $0 == -.infinity })
        }
    }

    @Test("A layer that is not there is refused by its number")
    func layersAreChecked() throws {
        let bench = try Bench(try GoldenModel.named("llama-tied").decoder())
        let error = try #require(throws: ModelError.self) {
            _ = try PassProbe(ProbePoint.all(layer: 99), of: bench.decoder, rowCount: 1)
        }
        #expect(error.message.contains("99"))
    }
}
