import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Falcon (arXiv:2311.16867): sublayers side by side; one key-value head (7B) or groups of query heads with
    /// one each (40B and on).
    static let falcon = ModelFamily(
        name: "Falcon",
        huggingFace: Form("FalconForCausalLM", names: Falcon.names) { config throws(ModelError) in
            try config.refuse("alibi")
            var attention = try config.attention(isGrouped: false, biasKey: "bias")
            attention.heads.kvCount = try Falcon.kvCount(config, attention.heads)
            return try config.specification(
                attention: attention,
                feedForward: try config.spelling([
                    "intermediate_size": "ffn_hidden_size", "hidden_act": "activation",
                ]).feedForward(
                    default: .geluErf, defaultSize: 4 * (try config.hiddenSize()), isGated: false,
                    hasBias: attention.hasInputBias),
                norms: try config.layerNorms(),
                arrangement: try Falcon.arrangement(config),
                isTiedByDefault: true,
                layers: try config.layers(attention: attention, window: nil))
        },
        gguf: Form(
            "falcon",
            names: { Falcon.ggufNames(hasTwoNorms: $0.hasTensor("blk.0.attn_norm_2.weight")) }
        ) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(activation: .geluErf, isGated: false),
                norms: try header.layerNorms(),
                arrangement: .parallel(sharesNorm: !header.hasTensor("blk.0.attn_norm_2.weight")),
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        writing: GGUFDialect(
            "falcon", names: { Falcon.ggufNames(hasTwoNorms: $0.arrangement == .parallel(sharesNorm: false)) }
        ))
}

private enum Falcon {
    static func kvCount(
        _ config: ConfigReader, _ heads: DecoderSpecification.Heads
    ) throws(ModelError) -> Int {
        if try config.flag("new_decoder_architecture") {
            return try config.size("num_kv_heads", .headCount, default: heads.queryCount)
        }
        return try config.flag("multi_query", default: true) ? 1 : heads.queryCount
    }

    /// Two norms where the newer architecture has not been told to have one.
    static func arrangement(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.Arrangement {
        if try config.flag("new_decoder_architecture") {
            return .parallel(
                sharesNorm: try config.size("num_ln_in_parallel_attn", .headCount, default: 2) != 2)
        }
        return try config.flag("parallel_attn", default: true) ? .parallel(sharesNorm: true) : .sequential
    }

    static func ggufNames(hasTwoNorms: Bool) -> WeightNames {
        guard hasTwoNorms else { return .ggufFused }
        return .ggufFused.replacing([.attentionNorm: "attn_norm_2", .feedForwardNorm: "attn_norm"])
    }

    @Sendable static func names(_ config: ConfigReader) throws(ModelError) -> WeightNames {
        let hasTwoNorms = try arrangement(config) == .parallel(sharesNorm: false)
        return WeightNames(
            embedding: "transformer.word_embeddings", finalNorm: "transformer.ln_f", output: "lm_head",
            layerPrefix: "transformer.h.",
            parts: [
                .attentionNorm: hasTwoNorms ? "ln_attn" : "input_layernorm",
                .attentionOutput: "self_attention.dense",
                .feedForwardNorm: hasTwoNorms ? "ln_mlp" : "post_attention_layernorm",
                .up: "mlp.dense_h_to_4h", .down: "mlp.dense_4h_to_h",
            ],
            fused: [.queryKeyValue("self_attention.query_key_value", .byHead)],
            basePrefix: "transformer.",
            redundant: RedundantTensors.frequencies)
    }
}
