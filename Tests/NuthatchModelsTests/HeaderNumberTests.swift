import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Numbers of a header that mean nothing are refused by the field's name, with the range.
@Suite struct HeaderNumberTests {
    /// A field of config.json, where it stands, and a golden that reads it.
    static let configFields: [(golden: String, path: [String], kind: ModelNumber)] = [
        ("llama-tied", ["rms_norm_eps"], .epsilon), ("gpt2-scaled", ["layer_norm_epsilon"], .epsilon),
        ("gptneox-parallel", ["layer_norm_eps"], .epsilon), ("t5-gated", ["layer_norm_epsilon"], .epsilon),
        ("llama-yarn", ["rope_parameters", "rope_theta"], .rotaryBase),
        ("llama-yarn", ["rope_parameters", "factor"], .stretch),
        ("llama-linear", ["rope_scaling", "factor"], .stretch),
        ("llama-dynamic", ["rope_parameters", "factor"], .stretch),
        ("llama-yarn", ["rope_parameters", "attention_factor"], .attentionFactor),
        ("llama-yarn", ["rope_parameters", "beta_fast"], .rampTurns),
        ("llama-yarn", ["rope_parameters", "beta_slow"], .rampTurns),
        ("deepseek3-yarn", ["rope_parameters", "mscale"], .magnitudeWeight),
        ("deepseek3-yarn", ["rope_parameters", "mscale_all_dim"], .magnitudeWeight),
        ("llama3-biased", ["rope_parameters", "low_freq_factor"], .frequencyFactor),
        ("llama3-biased", ["rope_parameters", "high_freq_factor"], .frequencyFactor),
        ("llama3-biased", ["rope_parameters", "factor"], .stretch),
        ("llama-longrope", ["rope_parameters", "attention_factor"], .attentionFactor),
        ("gptneox-parallel", ["rope_parameters", "partial_rotary_factor"], .rotaryShare),
        ("gemma2-softcaps", ["attn_logit_softcapping"], .softcap),
        ("gemma2-softcaps", ["final_logit_softcapping"], .softcap),
        ("gemma2-softcaps", ["query_pre_attn_scalar"], .scoreWidth),
        ("granite-scaled", ["attention_multiplier"], .scoreScale),
        ("granite-scaled", ["residual_multiplier"], .multiplier),
        ("granite-scaled", ["embedding_multiplier"], .multiplier),
        ("granite-scaled", ["logits_scaling"], .multiplier),
        ("deepseek3-blocks", ["routed_scaling_factor"], .multiplier),
        ("qwen2vl-tied", ["vision_config", "mlp_ratio"], .widthRatio),
    ]

    /// Outside of a range at either end; infinities and what is no number can't be written in JSON.
    private static func outside(_ kind: ModelNumber) -> [Double] {
        [kind.range.upperBound * 2, 1e30] + (kind.range.lowerBound >= 0 ? [-1] : [])
            + (kind.range.lowerBound > 0 ? [0, kind.range.lowerBound / 2] : [])
    }

    private static func set(_ value: Any, at path: [String], in object: inout [String: Any]) {
        guard path.count > 1 else {
            object[path[0]] = value
            return
        }
        var inner = object[path[0]] as? [String: Any] ?? [:]
        set(value, at: Array(path.dropFirst()), in: &inner)
        object[path[0]] = inner
    }

    @Test("Numbers of config.json outside their range", arguments: configFields)
    func numbersOfConfigurations(golden: String, path: [String], kind: ModelNumber) throws {
        for value in Self.outside(kind) {
            let file = try AlteredFile(directory: Goldens.path(golden)) { Self.set(value, at: path, in: &$0) }
            let checkpoint = try file.checkpoint()
            let error = try #require(throws: ModelError.self, "\(path) \(value)") {
                try ModelHeader(checkpoint)
            }
            guard case .numberOutOfRange(_, let field, value, kind) = error else {
                Issue.record("\(path) \(value): \(error)")
                continue
            }
            #expect(field.hasSuffix(path.last ?? ""))
        }
    }

    @Test("LongRoPE's lists, entry by entry")
    func entriesOfLists() throws {
        for key in ["short_factor", "long_factor"] {
            let file = try AlteredFile(directory: Goldens.path("llama-longrope")) { config in
                var parameters = config["rope_parameters"] as? [String: Any] ?? [:]
                var factors = parameters[key] as? [Double] ?? []
                factors[1] = 1e30
                parameters[key] = factors
                config["rope_parameters"] = parameters
            }
            let checkpoint = try file.checkpoint()
            let error = try #require(throws: ModelError.self) { try ModelHeader(checkpoint) }
            #expect(
                error.message.contains("rope_parameters.\(key)[1] is 1e+30; a factor of rotary frequencies"))
        }
    }

    @Test("LongRoPE under the names of Phi-3's first files", arguments: ["su", "yarn"])
    func earlierNames(of name: String) throws {
        let file = try AlteredFile(directory: Goldens.path("phi3-longrope")) { config in
            var parameters = config["rope_parameters"] as? [String: Any] ?? [:]
            parameters["rope_type"] = name
            config["rope_parameters"] = parameters
        }
        let altered = try ModelDescription(try file.checkpoint()).specification
        let original = try ModelDescription(try GoldenModel.named("phi3-longrope").checkpoint()).specification
        #expect(altered == original)
    }

    /// A key of a GGUF file behind its architecture's name, and a golden that reads it.
    static let ggufFields: [(golden: String, key: String, kind: ModelNumber)] = [
        ("llama-tied", "llama.attention.layer_norm_rms_epsilon", .epsilon),
        ("gpt2-scaled", "gpt2.attention.layer_norm_epsilon", .epsilon),
        ("llama-tied", "llama.rope.freq_base", .rotaryBase),
        ("llama-yarn", "llama.rope.scaling.factor", .stretch),
        ("llama-yarn", "llama.rope.scaling.attn_factor", .attentionFactor),
        ("llama-yarn", "llama.rope.scaling.yarn_beta_fast", .rampTurns),
        ("llama-yarn", "llama.rope.scaling.yarn_beta_slow", .rampTurns),
        ("llama-tied", "llama.attention.scale", .scoreScale),
        ("gemma2-softcaps", "gemma2.attn_logit_softcapping", .softcap),
        ("gemma2-softcaps", "gemma2.final_logit_softcapping", .softcap),
        ("granite-scaled", "granite.residual_scale", .multiplier),
        ("granite-scaled", "granite.embedding_scale", .multiplier),
        ("granite-scaled", "granite.logit_scale", .multiplier),
        ("deepseek3-blocks", "deepseek2.rope.scaling.yarn_log_multiplier", .logMultiplier),
    ]

    @Test("Numbers of GGUF files outside their range, what is no number among them", arguments: ggufFields)
    func numbersOfGGUFFiles(golden: String, key: String, kind: ModelNumber) throws {
        for value in Self.outside(kind) + [.nan, .infinity] {
            let file = try AlteredFile(GoldenModel.named(golden, .gguf).path) { $0.set(key, Float(value)) }
            let checkpoint = try file.checkpoint()
            let error = try #require(throws: ModelError.self, "\(key) \(value)") {
                try ModelHeader(checkpoint)
            }
            guard case .numberOutOfRange(_, key, _, kind) = error else {
                Issue.record("\(key) \(value): \(error)")
                continue
            }
        }
    }

    @Test("The sentence has the field, the number and the range")
    func sentence() throws {
        let directory = try TinyLlama().write { $0["rms_norm_eps"] = 1e30 }
        let checkpoint = try Checkpoint.open(directory.path)
        let error = try #require(throws: ModelError.self) { try ModelHeader(checkpoint) }
        #expect(
            error.message
                == "\(directory.path)/config.json: rms_norm_eps is 1e+30; an epsilon may be 1e-20 to 0.1.")
    }

    @Test(
        "Counts below their range",
        arguments: [
            "num_attention_heads", "num_key_value_heads", "num_hidden_layers", "hidden_size",
            "intermediate_size",
            "vocab_size", "max_position_embeddings", "head_dim", "sliding_window",
        ])
    func negativeCounts(key: String) throws {
        for value in [-1, 0] {
            let directory = try TinyLlama().write { $0[key] = value }
            let checkpoint = try Checkpoint.open(directory.path)
            let error = try #require(throws: ModelError.self) { try ModelHeader(checkpoint) }
            guard case .outOfRange(_, key, value, _) = error else {
                Issue.record("\(error)")
                continue
            }
        }
    }

    // MARK: Layer by layer

    @Test(
        "Values that layers share load, and others are shown",
        arguments: [
            "attention.head_count", "attention.head_count_kv", "feed_forward_length",
        ])
    func valuesByLayer(key: String) throws {
        let path = GoldenModel.named("llama-tied", .gguf).path
        let plain = try ModelDescription(try Checkpoint.open(path)).specification
        let size = [
            "attention.head_count": plain.attention.heads.queryCount,
            "attention.head_count_kv": plain.attention.heads.kvCount,
            "feed_forward_length": plain.feedForward.size,
        ][key].map(Int32.init)
        let value = try #require(size)
        let alike = try AlteredFile(path) { $0.set("llama.\(key)", [value, value, value]) }
        #expect(try ModelDescription(try alike.checkpoint()).specification == plain)
        let other = try AlteredFile(path) { $0.set("llama.\(key)", [value, value + 1, value]) }
        let checkpoint = try other.checkpoint()
        let error = try #require(throws: ModelError.self) { try ModelDescription(checkpoint) }
        #expect(
            error.message.hasSuffix(
                "llama.\(key) is [\(value), \(value + 1), \(value)]; layers with different values are not read."
            ))
    }

    @Test(
        "A list is as long as there are layers",
        arguments: ["attention.head_count_kv", "attention.layer_norm_rms_epsilon"])
    func listsOfAnotherLength(key: String) throws {
        let altered = try AlteredFile(GoldenModel.named("llama-tied", .gguf).path) {
            if key.hasSuffix("epsilon") {
                $0.set("llama.\(key)", [Float(1e-5), 1e-5])
            } else {
                $0.set("llama.\(key)", [Int32(2), 2])
            }
        }
        let checkpoint = try altered.checkpoint()
        let error = try #require(throws: ModelError.self) { try ModelDescription(checkpoint) }
        #expect(
            error.message.hasSuffix("llama.\(key) is malformed: it has 2 entries for 3 layers."), "\(error)")
    }

    @Test("What a family would leave out of its numbers is refused by name")
    func uncomputedValues() throws {
        let path = GoldenModel.named("llama-tied", .gguf).path
        func description(_ set: (inout GGUFFields) -> Void) throws -> ModelDescription {
            try ModelDescription(try AlteredFile(path, set).checkpoint())
        }
        let refused: [(String, (inout GGUFFields) -> Void)] = [
            ("attention.causal is false", { $0.set("llama.attention.causal", false) }),
            ("attention.clamp_kqv is 8.0", { $0.set("llama.attention.clamp_kqv", Float(8)) }),
            ("logit_scale is 0.5", { $0.set("llama.logit_scale", Float(0.5)) }),
        ]
        for (words, set) in refused {
            let error = try #require(throws: ModelError.self) { try description(set) }
            #expect(error.message.contains("llama.\(words), which is not one of"), "\(error)")
        }
        #expect(throws: Never.self) {
            try description {
                $0.set("llama.attention.causal", true)
                $0.set("llama.attention.clamp_kqv", Float(0))
                $0.set("llama.logit_scale", Float(1))
            }
        }
    }

    @Test("A list in config.json is read the same way")
    func listsInConfigurations() throws {
        func header(_ value: [Int]) throws -> ModelHeader {
            let directory = try TinyLlama(layerCount: 2).write { $0["intermediate_size"] = value }
            return try ModelHeader(try Checkpoint.open(directory.path))
        }
        #expect(throws: Never.self) { try header([24, 24]) }
        let error = try #require(throws: ModelError.self) { try header([24, 48]) }
        #expect(
            error.message.hasSuffix(
                "intermediate_size is [24, 48]; layers with different values are not read."))
        let long = try #require(throws: ModelError.self) { try header(Array(repeating: 24, count: 30) + [8]) }
        #expect(long.message.contains("intermediate_size is a list of 31, with 24, 8; layers"))
    }
}
