import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ModelFamily {
    /// GPT-NeoX (arXiv:2204.06745) and Pythia (arXiv:2304.01373): sublayers side by side, a quarter of each head
    /// turns, queries, keys and values of a head together.
    static let gptNeoX = ModelFamily(
        name: "GPT-NeoX",
        huggingFace: Form("GPTNeoXForCausalLM", names: { names($0.checkpoint) }) {
            config throws(ModelError) in
            let config = config.spelling(["rope_theta": "rotary_emb_base"])
            let attention = try config.attention(isGrouped: false, hasBias: true)
            let isParallel = try config.flag("use_parallel_residual", default: true)
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(default: .geluErf, isGated: false, hasBias: true),
                norms: try config.layerNorms("layer_norm_eps"),
                arrangement: isParallel ? .parallel(sharesNorm: false) : .sequential,
                layers: try config.layers(
                    attention: attention, window: nil, defaults: .init(share: 0.25, shareKey: "rotary_pct")))
        },
        gguf: Form("gptneox", names: .ggufFused) { header throws(ModelError) in
            let attention = try header.attention()
            let isParallel = try header.flag("use_parallel_residual", default: true)
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(activation: .geluErf, isGated: false),
                norms: try header.layerNorms(),
                arrangement: isParallel ? .parallel(sharesNorm: false) : .sequential,
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        writing: GGUFDialect("gptneox", names: .ggufFused) { dialect in
            dialect.biases = .all
            dialect.needsOutput = true
            dialect.statesArrangement = true
        })

    /// transformers 5 may call the output matrix as other families do.
    private static func names(_ checkpoint: Checkpoint) -> WeightNames {
        var names = names
        if checkpoint.holds("lm_head.weight") {
            names.output = "lm_head"
            names.redundant.append(RedundantTensors("embed_out.weight", .copy(of: "lm_head.weight")))
        }
        return names
    }

    private static let names = WeightNames(
        embedding: "gpt_neox.embed_in", finalNorm: "gpt_neox.final_layer_norm", output: "embed_out",
        layerPrefix: "gpt_neox.layers.",
        parts: [
            .attentionNorm: "input_layernorm", .attentionOutput: "attention.dense",
            .feedForwardNorm: "post_attention_layernorm", .up: "mlp.dense_h_to_4h",
            .down: "mlp.dense_4h_to_h",
        ],
        fused: [.queryKeyValue("attention.query_key_value", .byHead)],
        basePrefix: "gpt_neox.",
        // Masks and frequencies that transformers once saved.
        redundant: RedundantTensors.frequencies + [
            RedundantTensors(".attention.bias", .mask), RedundantTensors(".attention.masked_bias", .mask),
        ])
}
