import NuthatchTensors

extension ModelFamily {
    /// OPT (arXiv:2205.01068): learned positions from row 2 of their table, ReLU; the one of 350M parameters normalises
    /// sums and has an embedding narrower than its stream.
    static let opt = ModelFamily(
        name: "OPT",
        huggingFace: Form("OPTForCausalLM", names: names) { config throws(ModelError) in
            let config = config.spelling([
                "intermediate_size": "ffn_dim", "hidden_act": "activation_function",
            ])
            try config.refuse("layer_norm_elementwise_affine", false, default: true)
            let attention = try config.attention(isGrouped: false, biasKey: "enable_bias", hasBias: true)
            let normsFirst = try config.flag("do_layer_norm_before", default: true)
            var norms = try config.layerNorms(order: normsFirst ? .before : .afterSum)
            norms.hasFinal = normsFirst ? try !config.flag("_remove_final_layer_norm") : false
            let hiddenSize = try config.hiddenSize()
            let width = try config.size("word_embed_proj_dim", .hiddenSize, default: hiddenSize)
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(
                    default: .relu, isGated: false, hasBias: attention.hasInputBias),
                norms: norms,
                isTiedByDefault: true,
                layers: try config.unturnedLayers()
            ) { embedding throws(ModelError) in
                embedding.positions = try config.learnedPositions(offset: 2)
                embedding.projectedWidth = width == hiddenSize ? nil : width
            }
        })

    private static let names = WeightNames(
        embedding: "model.decoder.embed_tokens", positions: "model.decoder.embed_positions",
        embeddingProjection: "model.decoder.project_in", outputProjection: "model.decoder.project_out",
        finalNorm: "model.decoder.final_layer_norm", output: "lm_head", layerPrefix: "model.decoder.layers.",
        parts: [
            .attentionNorm: "self_attn_layer_norm", .attentionPostNorm: "self_attn_layer_norm",
            .query: "self_attn.q_proj", .key: "self_attn.k_proj", .value: "self_attn.v_proj",
            .attentionOutput: "self_attn.out_proj", .feedForwardNorm: "final_layer_norm",
            .feedForwardPostNorm: "final_layer_norm", .up: "fc1", .down: "fc2",
        ],
        basePrefix: "model.",
        redundant: [RedundantTensors("decoder.version", .formatVersion)])
}
