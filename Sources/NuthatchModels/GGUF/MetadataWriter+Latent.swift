import NuthatchTensors

extension MetadataWriter {
    /// Latent attention as llama.cpp has it: one key-value head, whose keys are latents with the part that turns. What
    /// heads have once latents are unfolded has keys of its own.
    mutating func set(_ latent: DecoderSpecification.LatentAttention) {
        set("attention.head_count_kv", 1)
        set("attention.key_length", latent.compressedWidth)
        set("attention.value_length", latent.rank)
        set("attention.key_length_mla", latent.keyDimension)
        set("attention.value_length_mla", latent.valueDimension)
        set("attention.kv_lora_rank", latent.rank)
        // llama.cpp asks for it, but of models with as many layers as DeepSeek-V2-Lite and its kin, and takes 0 for none.
        set("attention.q_lora_rank", latent.queryRank ?? 0)
    }

    /// The two numbers that come with stretched positions.
    mutating func set(_ scaling: YarnScaling, of latent: DecoderSpecification.LatentAttention) {
        let unscaled = Double(latent.keyDimension).squareRoot()
        let stretch = PositionStretch(
            turning: scaling.attentionFactor ?? YarnScaling.magnitude(scaling.factor),
            scoring: (Double(specification.attention.scale) * unscaled).squareRoot())
        let keys = stretch.keys(factor: scaling.factor)
        if let factor = keys.attentionFactor { set("rope.scaling.attn_factor", factor) }
        if let multiplier = keys.logMultiplier { set("rope.scaling.yarn_log_multiplier", multiplier) }
    }
}
