import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

/// Caches whose queries look at something from other positions than their own: sinks that stand side by side with
/// the window, and compressive memory.
@Suite struct DistantPositionTests {
    static let sinks: [Retention] = [
        .sinks(count: 4, window: 12, positions: .inCache), .sinks(count: 1, window: 1, positions: .inCache),
        .sinks(count: 20, window: 7, positions: .inCache),
        .sinks(count: 4, window: 12, positions: .trueDistance),
        .sinks(count: 4, window: 12, positions: .inCache),
    ]

    /// Several windows, whatever is asked for; the layers of these models keep everything.
    static let tokenCount = 96

    private func tokens(_ seed: UInt64, count: Int = tokenCount) -> [TokenID] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return TokenID(state >> 57)
        }
    }

    @Test(
        "Sinks give the reference's logits", arguments: sinks, ["llama-tied", "llama-yarn", "qwen3-untied"])
    func sinksGiveTheReferencesLogits(retention: Retention, name: String) throws {
        let model = GoldenModel.named(name)
        let checkpoint = try model.checkpoint()
        let description = try ModelDescription(checkpoint)
        let weights = try CheckpointWeights(checkpoint, description)
        let decoder = try model.decoder()
        let reference = ReferenceDecoder(
            specification: description.specification, contextLength: decoder.contextLength,
            tensor: { place, kind in try? weights.floats(place, kind) },
            retentions: description.specification.layers.map { _ in retention })
        let tokens = tokens(1)
        let bench = try Bench(decoder)
        let ours = try bench.logits(tokens, into: try bench.cache(retention: retention), chunkLength: 40)
        for (position, (our, their)) in zip(ours, reference.logits(tokens)).enumerated() {
            #expect(relativeDistance(our, their.map(Float.init)) <= 1e-4, "position \(position)")
        }
    }

    @Test("Compressive memory gives the reference's logits", arguments: UInt64(0)..<12)
    func compressiveMemoryGivesTheReferencesLogits(seed: UInt64) throws {
        let model = try RandomModel(seed: seed, hasMemoryGates: true)
        let tokens = model.tokens(count: 45, seed: seed)
        // Layers with shorter windows keep them.
        let retention = Retention.compressive(segmentLength: 1 + Int(seed) % 7, rule: .linear)
        let bench = try Bench(try model.decoder(.f32), workerCount: 1 + Int(seed % 3))
        let cache = try bench.cache(retention: retention)
        var reference = model.reference()
        reference.retentions = cache.plan.layers.map(\.retention)
        let ours = try bench.logits(tokens, into: cache, chunkLength: 1 + Int(seed % 45))
        for (position, (our, their)) in zip(ours, reference.logits(tokens)).enumerated() {
            let distance = relativeDistance(our, their.map(Float.init))
            #expect(distance <= 1e-4, "position \(position) of \(model.description.specification)")
        }
    }

    @Test("A hit equals a miss: chunks, threads, forks, and everything computed anew", arguments: sinks)
    func aHitEqualsAMiss(retention: Retention) throws {
        let decoder = try GoldenModel.named("llama-tied").decoder(.q8)
        let tokens = tokens(2)
        let alone = try Bench(decoder, workerCount: 1)
        let expected = bits(
            try alone.logits(tokens, into: try alone.cache(.f16, retention: retention)))
        for workerCount in 1...3 {
            let bench = try Bench(decoder, workerCount: workerCount)
            for chunkLength in [1, 7, 64] {
                let cache = try bench.cache(.f16, retention: retention)
                let logits = try bench.logits(tokens, into: cache, chunkLength: chunkLength)
                #expect(bits(logits) == expected, "chunks of \(chunkLength) on \(workerCount) threads")
            }
            for end in [1, 5, 16, 17, 33, 65, 96] {
                let fresh = try bench.cache(.f16, retention: retention)
                let row = try bench.logits(Array(tokens[..<end]), into: fresh)[end - 1]
                #expect(row.map(\.bitPattern) == expected[end - 1], "after \(end) tokens")
            }
        }
    }

    @Test("Sequences with other retentions in the same pass do not matter")
    func batchMates() throws {
        let decoder = try GoldenModel.named("llama-tied").decoder()
        let retentions: [Retention?] = Self.sinks + [nil, .window(length: 9)]
        let bench = try Bench(decoder)
        let sequences = retentions.indices.map { tokens(UInt64(20 + $0), count: 60) }
        let expected = try zip(sequences, retentions).map { tokens, retention in
            bits(try bench.logits(tokens, into: try bench.cache(retention: retention)))
        }
        let caches = try retentions.map { try bench.cache(retention: $0) }
        var logits = Array(repeating: [[UInt32]](), count: caches.count)
        for start in stride(from: 0, to: 60, by: 6) {
            let parts = zip(sequences, caches).map { (tokens: Array($0[start..<start + 6]), cache: $1) }
            for (index, rows) in try bench.logits(parts).enumerated() { logits[index] += bits(rows) }
        }
        #expect(logits == expected)
    }

    @Test("A workspace takes memory for distant positions when a cache first has them")
    func memory() throws {
        let model = GoldenModel.named("llama-tied")
        let plan = try Decoder.plan(try model.checkpoint(), precision: .f32, maximumRowCount: 32)
        let bench = try Bench(try model.decoder(), maximumRowCount: 32)
        _ = try bench.logits([1, 2, 3], into: try bench.cache())
        let before = bench.workspace.byteCount
        let cache = try bench.cache(retention: Self.sinks[0])
        _ = try bench.logits([1, 2, 3], into: cache)
        #expect(bench.workspace.byteCount == before + plan.distantByteCount)
    }

    @Test("Compressive memory is refused where there are no gates for it")
    func withoutGates() throws {
        let bench = try Bench(try GoldenModel.named("llama-tied").decoder())
        let cache = try bench.cache(retention: .compressive(segmentLength: 8, rule: .delta))
        let error = try #require(throws: ModelError.self) { _ = try bench.logits([1], into: cache) }
        #expect(error.code == .usage)
        #expect(
            error.description
                == "The cache keeps a compressive memory of layer 0; this Llama model has no trained gates to mix "
                + "it in. Keep a window, or sinks and a window; a compressive memory takes a model trained with "
                + "Infini-attention.")
        #expect(cache.tokenCount == 0)
    }
}
