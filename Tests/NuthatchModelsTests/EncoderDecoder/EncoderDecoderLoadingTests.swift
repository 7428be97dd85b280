import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

/// What headers say of encoder-decoders, and what loading takes.
@Suite struct EncoderDecoderLoadingTests {
    @Test(
        "Bytes are known before anything is loaded", arguments: GoldenEncoderDecoder.all,
        WeightPrecision.allCases)
    func bytesAreKnownBefore(model: GoldenEncoderDecoder, precision: WeightPrecision) throws {
        let checkpoint = try model.checkpoint()
        let plan = try EncoderDecoder.plan(
            checkpoint, described: try EncoderDecoderDescription(checkpoint), precision: precision,
            maximumRowCount: 30)
        let loaded = try model.model(precision)
        #expect(loaded.weightByteCount == plan.weightByteCount)
        let workspace = try EncoderDecoderWorkspace(for: loaded, maximumRowCount: 30)
        #expect(workspace.byteCount == plan.workspaceByteCount)
        #expect(plan.byteCount == plan.weightByteCount + plan.workspaceByteCount)
    }

    @Test("Each half is as its header says")
    func eachHalfIsAsItsHeaderSays() throws {
        func specification(_ name: String) throws -> EncoderDecoderSpecification {
            try EncoderDecoderDescription(try GoldenEncoderDecoder(name: name).checkpoint()).specification
        }
        let tied = try specification("t5-tied")
        #expect(tied.encoder.isEncoder && tied.encoder.layers.count == 2 && tied.decoder.layers.count == 2)
        #expect(tied.decoder.embedding.isTied)
        #expect(tied.decoder.embedding.logitScale == 1 / Float(56).squareRoot())
        #expect(tied.encoder.embedding.logitScale == nil)
        #expect(tied.start == .init(token: 0))
        #expect(tied.decoder.feedForward.activation == .relu && !tied.decoder.feedForward.isGated)
        // What files said before transformers 5, and since.
        for (name, layers, activation) in [("t5-gated", 2, Activation.geluTanh), ("t5-near", 3, .silu)] {
            let untied = try specification(name)
            #expect(!untied.decoder.embedding.isTied && untied.decoder.embedding.logitScale == nil)
            #expect(untied.decoder.layers.count == layers)
            #expect(untied.decoder.feedForward.isGated)
            #expect(untied.decoder.feedForward.activation == activation)
        }
        let plain = try specification("bart-plain")
        #expect(plain.encoder.layers.count == 2 && plain.decoder.layers.count == 1)
        #expect(plain.encoder.attention.heads.queryCount == 5)
        #expect(plain.decoder.attention.heads.queryCount == 3)
        #expect(plain.decoder.embedding.hasLogitBias && !plain.encoder.embedding.hasLogitBias)
        #expect(plain.start == .init(token: 2))
        let scaled = try specification("bart-scaled")
        #expect(scaled.start == .init(token: 2, forcedFirstToken: 7))
        #expect(scaled.encoder.embedding.scale == Float(48).squareRoot())
        #expect(!scaled.decoder.embedding.hasLogitBias)
        let separate = try specification("marian-separate")
        #expect(separate.encoder.embedding.vocabularySize == 128)
        #expect(separate.decoder.embedding.vocabularySize == 96)
        #expect(separate.start == .init(token: 95))
        #expect(separate.decoder.embedding.hasSinusoids && !separate.decoder.embedding.hasNorm)
    }

    @Test("A pair of caches takes what its plan says, with its source and after steps")
    func cachesTakeWhatTheirPlanSays() throws {
        for model in GoldenEncoderDecoder.all {
            let bench = try EncoderDecoderBench(try model.model())
            let cache = try bench.cache(reading: Array(repeating: 5, count: 100), .f16)
            for count in [0, 1, 40] {
                if count > 0 { _ = try bench.logits(Array(repeating: 3, count: count), into: cache) }
                let planned = cache.plan.byteCount(
                    sourceTokenCount: 100, targetTokenCount: cache.target.tokenCount)
                #expect(cache.byteCount == planned, "\(model.name), \(count) tokens")
            }
        }
    }
}
