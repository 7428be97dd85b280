import NuthatchTensors

extension ModelFamily {
    /// GPT-2 (Radford et al., 2019): learned positions, layer norms, biases everywhere, matrices stored with inputs
    /// for rows.
    static let gpt2 = ModelFamily(
        name: "GPT-2",
        huggingFace: Form("GPT2LMHeadModel", names: names) { config throws(ModelError) in
            let config = config.spelling(GPT.spellings)
            try config.refuse("add_cross_attention")
            var attention = try GPT.attention(config)
            attention.hasOutputBias = true
            // `reorder_and_upcast_attn` orders float16 arithmetic; in floats nothing is left of it.
            let isScaledByLayer = try config.flag("scale_attn_by_inverse_layer_idx")
            return try config.specification(
                attention: attention,
                feedForward: try GPT.feedForward(config),
                norms: try config.layerNorms(),
                isTiedByDefault: true,
                layers: try config.unturnedLayers { isScaledByLayer ? 1 / Float($0 + 1) : nil }
            ) { embedding throws(ModelError) in embedding.positions = try config.learnedPositions() }
        },
        gguf: Form("gpt2", names: .ggufFused) { header throws(ModelError) in
            try GPT.specification(header)
        },
        writing: GGUFDialect("gpt2", names: .ggufFused) { $0.biases = .all })

    private static let names: WeightNames = {
        var names = GPT.names.fusing(.queryKeyValue("attn.c_attn"))
        names.transposed = [.query, .key, .value, .attentionOutput, .up, .down]
        return names
    }()
}

/// What GPT-2 and GPT-BigCode have in common.
enum GPT {
    static let spellings = [
        "hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
        "max_position_embeddings": "n_positions", "intermediate_size": "n_inner",
        "hidden_act": "activation_function",
    ]

    static let names = WeightNames(
        embedding: "transformer.wte", positions: "transformer.wpe", finalNorm: "transformer.ln_f",
        output: "lm_head", layerPrefix: "transformer.h.",
        parts: [
            .attentionNorm: "ln_1", .attentionOutput: "attn.c_proj", .feedForwardNorm: "ln_2",
            .up: "mlp.c_fc",
            .down: "mlp.c_proj",
        ],
        basePrefix: "transformer.",
        // Masks that transformers once saved.
        redundant: [RedundantTensors(".attn.bias", .mask), RedundantTensors(".attn.masked_bias", .mask)])

    /// Heads of an even share of the hidden size, biased, whose scores a switch leaves unscaled.
    static func attention(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.Attention {
        let isScaled = try config.flag("scale_attn_weights", default: true)
        var attention = DecoderSpecification.Attention(
            heads: try config.heads(isGrouped: false), scale: isScaled ? nil : 1)
        attention.hasInputBias = true
        attention.hasOutputBias = true
        return attention
    }

    static func feedForward(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.FeedForward {
        try config.feedForward(
            default: .geluTanh, defaultSize: 4 * (try config.hiddenSize()), isGated: false, hasBias: true)
    }

    static func specification(_ header: MetadataReader) throws(ModelError) -> DecoderSpecification {
        try header.specification(
            attention: try header.attention(),
            feedForward: try header.feedForward(activation: .geluTanh, isGated: false),
            norms: try header.layerNorms(),
            layers: try header.unturnedLayers()
        ) { embedding throws(ModelError) in embedding.positions = try header.learnedPositions() }
    }
}
