import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct ModelDescriptionTests {
    private func describe(_ tiny: TinyLlama = TinyLlama(), _ change: (inout [String: Any]) throws -> Void)
        throws
        -> DecoderSpecification
    {
        let directory = try tiny.write(change)
        return try ModelDescription(try Checkpoint.open(directory.path)).specification
    }

    @Test("Both kinds of file describe the same decoder, but for how they pair, offset and scale")
    func bothKindsOfFileAgree() throws {
        for model in GoldenModel.ggufFiles where model.name != "gemma3-mixed" {
            let fromFile = try ModelDescription(try model.checkpoint()).specification
            let fromDirectory = try ModelDescription(
                try GoldenModel.named(model.name).checkpoint()
            ).specification
            var attention = fromFile.attention
            // DeepSeek's comes of a number stored in 32 bits.
            #expect(abs(attention.scale / fromDirectory.attention.scale - 1) < 1e-6, "\(model)")
            attention.scale = fromDirectory.attention.scale
            #expect(attention == fromDirectory.attention, "\(model)")
            #expect(fromFile.feedForward == fromDirectory.feedForward, "\(model)")
            #expect(fromFile.embedding == fromDirectory.embedding, "\(model)")
            #expect(fromFile.arrangement == fromDirectory.arrangement, "\(model)")
            #expect(fromFile.norms.order == fromDirectory.norms.order, "\(model)")
            #expect(fromFile.residualScale == fromDirectory.residualScale, "\(model)")
            #expect(fromFile.contextLength == fromDirectory.contextLength, "\(model)")
            #expect(fromFile.layers.map(\.retention) == fromDirectory.layers.map(\.retention), "\(model)")
            for (file, directory) in zip(fromFile.layers, fromDirectory.layers) {
                #expect((file.rotary == nil) == (directory.rotary == nil))
                guard let file = file.rotary, let directory = directory.rotary else { continue }
                #expect(file.base == directory.base)
                #expect(file.dimension == directory.dimension)
                let (ours, theirs) = (
                    file.table(contextLength: 256), directory.table(contextLength: 256)
                )
                for (our, their) in zip(ours.inverseFrequencies, theirs.inverseFrequencies) {
                    #expect(abs(our / their - 1) < 1e-6)
                }
            }
        }
    }

    @Test("Gemma 3 slides five layers of six, each kind with its own rotary base")
    func gemma3SlidesFiveLayersOfSix() throws {
        let layers = try ModelDescription(try GoldenModel.named("gemma3-pattern").checkpoint()).specification
            .layers
        #expect(
            layers.map(\.retention) == Array(repeating: .window(length: 16), count: 5) + [
                .full, .window(length: 16),
            ])
        #expect(layers[0].rotary?.base == 10_000)
        #expect(layers[5].rotary?.base == 1_000_000)
    }

    @Test("Gemma's embedding scale is rounded where the embedding is bfloat16")
    func gemmaEmbeddingScale() throws {
        let rounded = try ModelDescription(try GoldenModel.named("gemma3-scaled").checkpoint()).specification
        let exact = try ModelDescription(try GoldenModel.named("gemma3-pattern").checkpoint()).specification
        // sqrt(68) = 8.2462; bfloat16 has 8.25.
        #expect(rounded.embedding.scale == 8.25)
        #expect(exact.embedding.scale == Float(60).squareRoot())
    }

    @Test("What Gemma's published configurations leave out takes the family's defaults")
    func gemmaDefaults() throws {
        var tiny = TinyLlama()
        tiny.architecture = "Gemma3ForCausalLM"
        tiny.tensors.removeAll { $0.name == "lm_head.weight" }
        let specification = try describe(tiny) { $0["hidden_act"] = nil }
        #expect(specification.embedding.isTied)
        #expect(specification.attention.heads.dimension == 256)
        #expect(specification.attention.scale == 0.0625)
        #expect(specification.feedForward.activation == .geluTanh)
        #expect(specification.norms.kind == .rms(weightOffset: 1))
        #expect(specification.layers[0].retention == .window(length: 4096))
        let stated = try describe(tiny) { $0["layer_types"] = ["sliding_attention"] }
        #expect(stated.layers == specification.layers)
    }

    @Test("Qwen's upper layers slide, by layer_types or by max_window_layers")
    func qwenUpperLayersSlide() throws {
        let layers = try ModelDescription(try GoldenModel.named("qwen2-window").checkpoint()).specification
            .layers
        #expect(layers.map(\.retention) == [.full, .window(length: 20), .window(length: 20)])
        var tiny = TinyLlama()
        tiny.architecture = "Qwen2ForCausalLM"
        let rules: [(fields: [String: Any], retention: Retention)] = [
            (["use_sliding_window": true, "sliding_window": 9, "max_window_layers": 0], .window(length: 9)),
            (["use_sliding_window": false, "sliding_window": 9, "max_window_layers": 0], .full),
            (["use_sliding_window": true, "sliding_window": 9, "max_window_layers": 1], .full),
        ]
        for rule in rules {
            let specification = try describe(tiny) { $0.merge(rule.fields) { _, new in new } }
            #expect(specification.layers[0].retention == rule.retention)
        }
    }

    @Test("Dynamic and YaRN scaling extend the context beyond the stated positions")
    func scalingExtendsTheContext() throws {
        let dynamic = try describe { $0["rope_scaling"] = ["type": "dynamic", "factor": 3.0] }
        #expect(dynamic.contextLength == 192)
        let yarn = try describe {
            $0["rope_scaling"] = ["type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64]
        }
        #expect(yarn.contextLength == 256)
    }

    @Test("Heads of keys are those of queries in families that read no number of them")
    func unreadHeadCounts() throws {
        var tiny = TinyLlama()
        tiny.architecture = "GPTNeoXForCausalLM"
        for stated in [3, 0, 1] {
            let directory = try tiny.write { $0["num_key_value_heads"] = stated }
            let description = try ModelDescription(try Checkpoint.open(directory.path))
            #expect(description.specification.attention.heads.kvCount == 2)
        }
    }

    @Test("An unknown architecture is named beside those that are known")
    func unknownArchitectureIsNamed() throws {
        var tiny = TinyLlama()
        tiny.architecture = "MambaForCausalLM"
        let error = try #require(throws: ModelError.self) { try describe(tiny) { _ in } }
        #expect(error.code == .badData)
        #expect(error.message.contains("MambaForCausalLM"))
        for family in ModelFamily.all { #expect(error.message.contains(family.huggingFaceArchitecture)) }
        for family in EncoderDecoderFamily.all {
            #expect(error.message.contains(family.huggingFaceArchitecture))
        }
        let file = try AlteredFile(GoldenModel.named("llama-tied", .gguf).path) {
            $0.set("general.architecture", "mamba")
        }
        let other = try #require(throws: ModelError.self) { try ModelHeader(try file.checkpoint()) }
        #expect(other.message.hasSuffix(", t5."), "\(other)")
    }

    @Test(
        "Values beyond a limit, or that do not fit, are named with their file",
        arguments: [
            (#""hidden_size": 1000000"#, "hidden_size"), (#""hidden_size": -1"#, "hidden_size"),
            (#""num_attention_heads": 0"#, "num_attention_heads"),
            (#""num_attention_heads": 3, "num_key_value_heads": 2"#, "query head count"),
            (#""num_hidden_layers": 9223372036854775807"#, "num_hidden_layers"),
            (#""vocab_size": 0"#, "vocab_size"), (#""rms_norm_eps": -1e-5"#, "rms_norm_eps"),
            (#""hidden_act": "swiglu_oai""#, "hidden_act"), (#""head_dim": 7"#, "rotary dimension"),
            (#""rope_theta": 0"#, "rotary base"), (#""rope_scaling": {"type": "spiral"}"#, "rope_type"),
            (#""rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}"#, "rope_type is mrope"),
            (#""rope_scaling": {"type": "linear"}"#, "rope_scaling.factor"),
            (#""rope_scaling": {"type": "yarn"}"#, "rope_scaling.factor"),
            (#""hidden_act": null"#, "hidden_act"),
            (
                #""rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]}"#,
                "rotary factors"
            ),
            (#""rope_theta": 1, "rope_scaling": {"type": "yarn", "factor": 2}"#, "rotary scaling"),
            (#""partial_rotary_factor": 1.5"#, "partial_rotary_factor"),
            (#""layer_types": ["full_attention", "full_attention"]"#, "layer_types"),
            (#""layer_types": ["linear_attention"]"#, "linear_attention"),
            (#""max_position_embeddings": 1e300"#, "max_position_embeddings"),
        ])
    func wrongValuesAreNamed(fields: String, named: String) throws {
        let base =
            #""architectures": ["LlamaForCausalLM"], "hidden_size": 16, "intermediate_size": 24, "#
            + #""num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": 1, "vocab_size": 16"#
        // A repeated key takes its last value.
        let directory = try TinyLlama().write(config: Array("{\(base), \(fields)}".utf8))
        let checkpoint = try Checkpoint.open(directory.path)
        let error = try #require(throws: ModelError.self) { _ = try ModelDescription(checkpoint) }
        #expect(error.message.contains(named), "\(error.message)")
        #expect(error.message.contains("config.json"), "\(error.message)")
    }
}
