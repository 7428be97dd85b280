import Foundation
import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Whatever a header says, loading ends in an encoder-decoder or in a `ModelError` that names what is wrong.
@Suite struct EncoderDecoderHostileTests {
    private let values: [Any] = [
        -1, 0, 1, 2, 3, 7, 1 << 20, Int.max, Int.min, 0.5, -0.0, 1e300, "", "8", "gated-", "gated-gelu",
        "gelu",
        "softmax", true, false, [Any](), [1], [String: Any](), NSNull(),
    ]

    private static let keys = [
        "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads", "vocab_size",
        "relative_attention_num_buckets", "relative_attention_max_distance", "layer_norm_epsilon",
        "feed_forward_proj", "tie_word_embeddings", "scale_decoder_outputs", "max_position_embeddings",
        "encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads",
        "encoder_ffn_dim", "decoder_ffn_dim", "scale_embedding", "activation_function",
        "share_encoder_decoder_embeddings", "decoder_vocab_size", "decoder_start_token_id",
        "forced_bos_token_id", "pad_token_id", "architectures",
    ]

    @Test("One field at a time, with every kind of value", arguments: GoldenEncoderDecoder.all)
    func oneFieldAtATime(model: GoldenEncoderDecoder) throws {
        let configuration = try model.configuration()
        let directory = try directory(of: model)
        for key in Self.keys {
            for value in values {
                var changed = configuration
                changed[key] = value
                try attempt(changed, in: directory)
            }
        }
    }

    @Test("Several fields at once, and fields left out", arguments: GoldenEncoderDecoder.all)
    func severalFieldsAtOnce(model: GoldenEncoderDecoder) throws {
        var generator = SeededGenerator(seed: 11)
        let configuration = try model.configuration()
        let directory = try directory(of: model)
        for _ in 0..<150 {
            var changed = configuration
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                guard let key = Self.keys.randomElement(using: &generator) else { continue }
                changed[key] = Bool.random(using: &generator) ? values.randomElement(using: &generator) : nil
            }
            try attempt(changed, in: directory)
        }
    }

    /// A field, what it is set to, and what the error says.
    static let refusals: [(model: String, key: String, value: Int, message: String)] = [
        (
            "t5-tied", "d_ff", 73,
            "tensor encoder.block.0.layer.1.DenseReluDense.wi.weight has shape [72, 56]; the header makes it [73, 56]"
        ),
        ("t5-tied", "num_decoder_layers", 3, "has no tensor decoder.block.2."),
        ("t5-tied", "num_decoder_layers", 1, "has no use: decoder.block.1."),
        (
            "t5-tied", "relative_attention_num_buckets", 16,
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight has shape [32, 3]; the header makes it [16, 3]"
        ),
        ("t5-tied", "relative_attention_num_buckets", 3, "the number of relative positions is 3, too few"),
        ("t5-tied", "relative_attention_max_distance", 8, "the largest relative position is 8"),
        ("t5-tied", "relative_attention_max_distance", 1 << 15, "a relative distance may be 1 to 16384"),
        ("t5-tied", "decoder_start_token_id", 128, "the answer's first token is 128"),
        (
            "bart-plain", "decoder_attention_heads", 7,
            "d_model is 60, no multiple of the 7 heads of the decoder"
        ),
        (
            "bart-plain", "max_position_embeddings", 161,
            "model.encoder.embed_positions.weight has shape [162, 60]; the header makes it [163, 60]"
        ),
        ("bart-plain", "vocab_size", 127, "model.shared.weight has shape [128, 60]"),
        ("marian-separate", "decoder_vocab_size", 97, "model.decoder.embed_tokens.weight has shape [96, 60]"),
    ]

    @Test("What is wrong is named", arguments: refusals.indices)
    func whatIsWrongIsNamed(index: Int) throws {
        let refusal = Self.refusals[index]
        let model = GoldenEncoderDecoder(name: refusal.model)
        let directory = try directory(of: model)
        var changed = try model.configuration()
        changed[refusal.key] = refusal.value
        try write(changed, in: directory)
        let error = try #require(throws: ModelError.self) {
            try EncoderDecoder.load(try Checkpoint.open(directory.path))
        }
        #expect(error.message.contains(refusal.message), "\(error.message)")
    }

    @Test("Requests that don't fit leave caches as they were")
    func requests() throws {
        let model = try GoldenEncoderDecoder(name: "bart-plain").model()
        let bench = try EncoderDecoderBench(model, maximumRowCount: 100)
        let cache = try bench.cache()
        #expect(throws: ModelError.self) { try bench.logits([2], into: cache) }
        try bench.encode([([5, 6, 7], cache)])
        let before = try bench.logits([2, 3], into: cache)
        let other = try EncoderDecoderBench(try GoldenEncoderDecoder(name: "bart-scaled").model())
        for refused: ([TokenID], [TokenID]) in [
            ([], [1]), ([128], [1]), ([-1], [1]), (Array(repeating: 5, count: 161), [1]),
        ] {
            #expect(throws: ModelError.self) { try bench.encode([(refused.0, cache)]) }
            // The sound one of two is not begun either.
            #expect(throws: ModelError.self) {
                try bench.encode([([5], cache), (refused.0, try bench.cache())])
            }
        }
        #expect(throws: ModelError.self) { try bench.encode([([5], cache), ([6], cache)]) }
        #expect(throws: ModelError.self) { try bench.encode([([5], try other.cache())]) }
        #expect(throws: ModelError.self) { try bench.logits([128], into: cache) }
        #expect(throws: ModelError.self) { try bench.logits(Array(repeating: 3, count: 101), into: cache) }
        #expect(cache.sourceGeneration == 1 && cache.target.tokenCount == 2)
        let fresh = try bench.cache(reading: [5, 6, 7])
        #expect(
            bits(try bench.logits([2, 3, 4], into: fresh))
                == bits(before + (try bench.logits([4], into: cache))))
        // The context is full at 160.
        _ = try bench.logits(Array(repeating: 3, count: 157), into: cache, chunkLength: 50)
        #expect(throws: ModelError.self) { try bench.logits([3], into: cache) }
    }

    @Test(
        "Encoders without a decoder are refused with the reason",
        arguments: [
            "BertModel", "BertForMaskedLM", "RobertaForSequenceClassification", "DistilBertModel",
            "T5EncoderModel",
        ])
    func encodersAreRefused(architecture: String) throws {
        let directory = try directory(of: GoldenEncoderDecoder(name: "t5-tied"))
        try write(["architectures": [architecture]], in: directory)
        let checkpoint = try Checkpoint.open(directory.path)
        for load: () throws -> Void in [
            { _ = try ModelDescription(checkpoint) }, { _ = try EncoderDecoderDescription(checkpoint) },
            { _ = try ModelHeader(checkpoint) },
        ] {
            let error = try #require(throws: ModelError.self) { try load() }
            #expect(
                error.message
                    == "\(directory.path)/config.json: \(architecture) is an encoder without a decoder. Its tokens see "
                    + "those behind them too, so every new one changes the keys and values of all, and a KV cache has "
                    + "nothing to keep.")
            #expect(error.remedy?.contains("T5 or BART") == true)
        }
    }

    @Test("A decoder and an encoder-decoder are told apart")
    func kindsAreToldApart() throws {
        let pair = try GoldenEncoderDecoder(name: "t5-tied").checkpoint()
        let decoder = try GoldenModel.named("gpt2-scaled").checkpoint()
        guard case .encoderDecoder(let description) = try ModelHeader(pair) else {
            Issue.record("T5 is an encoder-decoder")
            return
        }
        #expect(description.family == "T5")
        guard case .decoder = try ModelHeader(decoder) else {
            Issue.record("GPT-2 is a decoder")
            return
        }
        let asDecoder = try #require(throws: ModelError.self) { try Decoder.load(pair) }
        #expect(asDecoder.message.contains("T5 is an encoder-decoder"))
        let asPair = try #require(throws: ModelError.self) { try EncoderDecoder.load(decoder) }
        #expect(asPair.message.contains("GPT2LMHeadModel is not one of T5ForConditionalGeneration"))
    }

    // MARK: Parts

    private func directory(of model: GoldenEncoderDecoder) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(try model.weights(), as: "model.safetensors")
        return directory
    }

    private func write(_ configuration: [String: Any], in directory: TemporaryDirectory) throws {
        try directory.write(
            Array(try JSONSerialization.data(withJSONObject: configuration)), as: "config.json")
    }

    private func attempt(_ configuration: [String: Any], in directory: TemporaryDirectory) throws {
        try write(configuration, in: directory)
        do {
            let checkpoint = try Checkpoint.open(directory.path)
            let plan = try EncoderDecoder.plan(
                checkpoint, described: try EncoderDecoderDescription(checkpoint), precision: .f32,
                maximumRowCount: 4)
            let model = try EncoderDecoder.load(checkpoint, precision: .f32)
            let bench = try EncoderDecoderBench(model, workerCount: 1, maximumRowCount: 4)
            #expect(model.weightByteCount == plan.weightByteCount)
            #expect(bench.workspace.byteCount == plan.workspaceByteCount)
            let cache = try bench.cache(reading: [1, 2, 3])
            _ = try bench.logits([0, 1], into: cache)
        } catch let error as ModelError {
            #expect(!error.message.isEmpty)
        }
    }
}
