import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Qwen3 with experts (arXiv:2505.09388) in all layers but those that a file names.
    static let qwen3MoE = ModelFamily(
        name: "Qwen3-MoE",
        huggingFace: Form("Qwen3MoeForCausalLM", names: .huggingFace) { config throws(ModelError) in
            // As transformers 5 spells it.
            let config = config.spelling(["num_experts": "num_local_experts"])
            var attention = try config.attention()
            attention.headNorm = .each
            var feedForward = try config.feedForward()
            var experts = try config.experts(countKey: "num_experts", sizeKey: "moe_intermediate_size")
            experts.normalisesWeights = try config.flag("norm_topk_prob")
            feedForward.experts = experts
            let window = try config.flag("use_sliding_window") ? try config.window() : nil
            let step = try config.size("decoder_sparse_step", .layerCount, default: 1)
            let dense = try config.integers("mlp_only_layers")
            return try config.specification(
                attention: attention, feedForward: feedForward, norms: try config.rmsNorms(),
                layers: try config.layers(attention: attention, window: window).sparse {
                    ($0 + 1) % step == 0 && !dense.contains($0)
                })
        },
        gguf: Form("qwen3moe", names: .gguf) { header throws(ModelError) in
            var attention = try header.attention()
            attention.headNorm = .each
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(experts: header.experts(normalisesWeights: true)),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .halves).sparse())
        },
        writing: GGUFDialect("qwen3moe"))
}
