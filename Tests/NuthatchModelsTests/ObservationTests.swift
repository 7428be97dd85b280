import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Testing

/// What a probe sees is what transformers hands out, and looking changes nothing.
@Suite struct ObservationTests {
    /// Without the models of Infini-attention, which transformers doesn't have, and the one whose last hidden state
    /// transformers projects to the embedding's width.
    static let models = GoldenModel.directories.filter {
        !["infini-delta", "infini-linear", "opt-after"].contains($0.name)
    }

    @Test("Hidden states and attentions are those of transformers", arguments: models)
    func insideIsThatOfTransformers(model: GoldenModel) throws {
        let bench = try Bench(try model.decoder())
        let tokens = try model.prompt()
        let theirs = try model.inside(bench.decoder.specification)
        let cache = try bench.cache()
        // The last rows in a pass of their own, so that those before are read from the cache.
        _ = try bench.logits(Array(tokens.dropLast(theirs.rowCount)), into: cache)
        let probe = try bench.observe(tokens.suffix(theirs.rowCount), into: cache)
        for (index, their) in theirs.hiddenStates.enumerated() {
            #expect(relativeDistance(probe.hiddenStates(index), their) <= 1e-4, "hidden state \(index)")
        }
        for (layer, their) in theirs.attentions.enumerated() {
            let ours = try #require(probe.attentions[layer])
            #expect(ours.count == their.count)
            #expect(relativeDistance(ours, their) <= 1e-4, "attentions of layer \(layer)")
        }
    }

    @Test("Looking changes no bit, whatever the number of rows", arguments: [1, 3, 20])
    func lookingChangesNothing(rowCount: Int) throws {
        let model = GoldenModel.named("gemma3-pattern")
        let bench = try Bench(try model.decoder())
        let tokens = Array(try model.prompt().prefix(rowCount))
        let plain = try bench.logits(tokens, into: try bench.cache())
        let layerCount = bench.decoder.specification.layers.count
        let probe = try PassProbe(
            (0..<layerCount).flatMap(ProbePoint.all), of: bench.decoder, rowCount: rowCount)
        let observed = bench.copy(
            try bench.decoder.forward(
                PassEntry(try bench.cache(), tokens[...], logits: .all), probe: probe,
                workspace: bench.workspace, pool: bench.workers))
        #expect(bits(observed) == bits(plain))
    }

    @Test("Attentions to sinks at positions in the cache are refused by the layer's number")
    func sinksInTheCacheAreRefused() throws {
        let model = GoldenModel.named("llama-tied")
        let bench = try Bench(try model.decoder())
        let cache = try bench.cache(retention: .sinks(count: 2, window: 8, positions: .inCache))
        let error = try #require(throws: ModelError.self) {
            _ = try bench.observe(try model.prompt()[...], into: cache)
        }
        #expect(error.message.contains("layer 0"))
        #expect(error.code == .usage)
        #expect(cache.tokenCount == 0)
    }
}

extension Bench {
    /// One pass, looked at.
    fileprivate func observe(
        _ tokens: ArraySlice<TokenID>, into cache: SequenceCache
    ) throws -> PassProbe {
        let layerCount = decoder.specification.layers.count
        let probe = try PassProbe(
            ProbePoint.hiddenStates(layerCount: layerCount) + ProbePoint.attentions(layerCount: layerCount),
            of: decoder, rowCount: tokens.count)
        try decoder.forward(
            PassEntry(cache, tokens, logits: .none), probe: probe, workspace: workspace, pool: workers)
        return probe
    }
}
