import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ModelFamily {
    /// DeepSeek-V2 (arXiv:2405.04434): latent attention, and behind the first layers mixtures of experts beside those
    /// that all rows use.
    static let deepSeekV2 = ModelFamily(
        name: "DeepSeek-V2",
        huggingFace: Form(
            "DeepseekV2ForCausalLM", names: { config throws(ModelError) in try config.deepSeekNames() }
        ) { config throws(ModelError) in
            var experts = try config.deepSeekExperts()
            switch try config.string("topk_method") ?? "greedy" {
            case "greedy": experts.groups = nil
            case "group_limited_greedy": experts.groups?.rank = .best
            case let method:
                throw .unsupportedValue(
                    file: config.file, field: "topk_method", found: method,
                    supported: ["greedy", "group_limited_greedy"])
            }
            return try config.deepSeek(experts, pairing: .neighbours)
        },
        gguf: Form(
            "deepseek2", names: { header throws(ModelError) in try header.deepSeekNames() }
        ) { header throws(ModelError) in
            try header.deepSeek()
        },
        writing: GGUFDialect("deepseek2", names: .deepSeekGGUF(.gguf)) { dialect in
            dialect.pairing = .neighbours
            dialect.statesRouting = true
        })

    /// DeepSeek-V3 (arXiv:2412.19437): experts scored each by itself, and chosen by what balances them. Its GGUF files
    /// call themselves deepseek2 too.
    static let deepSeekV3 = ModelFamily(
        name: "DeepSeek-V3",
        huggingFace: Form(
            "DeepseekV3ForCausalLM", names: { config throws(ModelError) in try config.deepSeekNames() }
        ) { config throws(ModelError) in
            var experts = try config.deepSeekExperts()
            experts.scoring = .logistic
            experts.hasSelectionBias = true
            experts.normalisesWeights = try config.flag("norm_topk_prob", default: true)
            return try config.deepSeek(
                experts, pairing: try config.flag("rope_interleave", default: true) ? .neighbours : .halves)
        },
        writing: ModelFamily.deepSeekV2.dialect)
}

extension WeightNames.LatentExpansion {
    /// In GGUF files, and in those from before April 2025.
    static let gguf = Self.apart(keys: "attn_k_b", values: "attn_v_b")
    static let oldGGUF = Self.together("attn_kv_b")
}

extension WeightNames {
    static func deepSeekGGUF(_ expansion: LatentExpansion) -> WeightNames {
        var names = gguf.replacing([
            .queryDown: "attn_q_a", .queryDownNorm: "attn_q_a_norm", .queryUp: "attn_q_b",
            .latent: "attn_kv_a_mqa", .latentNorm: "attn_kv_a_norm",
        ])
        names.latentExpansion = expansion
        return names
    }
}

extension ConfigReader {
    fileprivate func deepSeekNames() throws(ModelError) -> WeightNames {
        var names = WeightNames.huggingFace.replacing([
            .queryDown: "self_attn.q_a_proj", .queryDownNorm: "self_attn.q_a_layernorm",
            .queryUp: "self_attn.q_b_proj", .latent: "self_attn.kv_a_proj_with_mqa",
            .latentNorm: "self_attn.kv_a_layernorm",
        ])
        let first = try layerCount()
        names.guessingLayers = first..<first + (try count("num_nextn_predict_layers", .layerCount))
        return names
    }

    fileprivate func deepSeekExperts() throws(ModelError) -> DecoderSpecification.Experts {
        var experts = try experts(countKey: "n_routed_experts", sizeKey: "moe_intermediate_size")
        let sharedCount = try size("n_shared_experts", .expertCount)
        experts.sharedSize = sharedCount * experts.size
        experts.weightScale = try multiplier("routed_scaling_factor")
        if root["n_group"] != nil, root["topk_group"] != nil {
            let (count, usedCount) = (
                try size("n_group", .expertCount), try size("topk_group", .expertCount)
            )
            // All groups are no choice of groups.
            if usedCount != count {
                experts.groups = .init(count: count, usedCount: usedCount, rank: .sumOfTwo)
            }
        }
        return experts
    }

    fileprivate func deepSeek(
        _ experts: DecoderSpecification.Experts, pairing: RotaryPairing
    ) throws(ModelError) -> DecoderSpecification {
        let latent = DecoderSpecification.LatentAttention(
            rank: try size("kv_lora_rank", .hiddenSize),
            queryRank: root["q_lora_rank"] == nil ? nil : try size("q_lora_rank", .hiddenSize),
            plainDimension: try size("qk_nope_head_dim", .headDimension),
            turnedDimension: try size("qk_rope_head_dim", .headDimension),
            valueDimension: try size("v_head_dim", .headDimension))
        var attention = DecoderSpecification.Attention(
            headCount: try size("num_attention_heads", .headCount), latent: latent)
        try refuse("attention_bias")
        var feedForward = try feedForward()
        feedForward.experts = experts
        let firstSparse = try count("first_k_dense_replace", .layerCount)
        let layers = try layers(
            attention: attention, rotaryDimension: latent.turnedDimension, window: nil
        ).map { layer in
            var layer = layer
            layer.rotary?.pairing = pairing
            return layer
        }
        attention.scale *= try attentionStretch()
        return try specification(
            attention: attention, feedForward: feedForward, norms: try rmsNorms(),
            layers: layers.sparse { $0 >= firstSparse })
    }

    /// YaRN's factor on scores, which these models apply beside that on cosines: its square, by `mscale_all_dim`.
    private func attentionStretch() throws(ModelError) -> Float {
        guard let parameters = try rotaryParameters(.full, defaults: RotaryDefaults()),
            let weight = try number("mscale_all_dim", .magnitudeWeight, in: parameters), weight != 0,
            let factor = try number("factor", .stretch, in: parameters)
        else { return 1 }
        let magnitude = YarnScaling.magnitude(factor, weight: weight)
        return Float(magnitude * magnitude)
    }
}
