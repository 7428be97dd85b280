import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

/// What llama.cpp calls deepseek2: DeepSeek-V2 and V3, told apart by how they score experts.
extension MetadataReader {
    func deepSeek() throws(ModelError) -> DecoderSpecification {
        let temperature = try number("attention.temperature_scale", .magnitudeWeight) ?? 0
        guard temperature == 0 else {
            throw .unsupportedValue(
                file: file, field: "\(architecture).attention.temperature_scale", found: "\(temperature)",
                supported: ["0"])
        }
        var attention = try latentAttention()
        var layers = try layers(attention: attention, pairing: .neighbours)
        if let stretch = try stretch(of: layers[0].rotary?.scaling ?? .none) {
            for index in layers.indices { layers[index].rotary?.scaling = .yarn(stretch.scaling) }
            attention.scale *= Float(stretch.scoreFactor)
        }
        let denseCount = try count("leading_dense_block_count", .layerCount)
        let experts = try routedExperts(from: denseCount)
        guard experts != nil || denseCount >= layers.count else {
            throw .invalid(
                file: file, field: "\(architecture).expert_count",
                reason: "is 0 or missing, and layers from \(denseCount) on are mixtures of experts")
        }
        return try specification(
            attention: attention, feedForward: try feedForward(experts: experts), norms: try rmsNorms(),
            layers: layers.sparse { $0 >= denseCount })
    }

    func deepSeekNames() throws(ModelError) -> WeightNames {
        var names = WeightNames.deepSeekGGUF(try hasHeadLengths() ? .gguf : .oldGGUF)
        let first = try layerCount()
        names.guessingLayers = first..<first + (try guessingLayerCount())
        return names
    }

    /// Whether lengths of keys and values are those of latents, beside which those of heads have keys of their own:
    /// since April 2025, when llama.cpp learned to cache latents. Files from before have one expansion for both.
    private func hasHeadLengths() throws(ModelError) -> Bool {
        for key in ["attention.key_length_mla", "attention.value_length_mla"] {
            if try count(key, .headDimension) > 0 { return true }
        }
        return false
    }

    private func latentAttention() throws(ModelError) -> DecoderSpecification.Attention {
        let ending = try hasHeadLengths() ? "_mla" : ""
        let keyDimension = try size("attention.key_length\(ending)", .headDimension)
        let turnedDimension = try size("rope.dimension_count", .headDimension)
        guard turnedDimension < keyDimension else {
            throw .invalid(
                file: file, field: "\(architecture).rope.dimension_count",
                reason:
                    "is \(turnedDimension), and attention.key_length\(ending) is \(keyDimension): no part of a key is "
                    + "left that comes from a latent")
        }
        // Old files state a rank where queries have none.
        let hasQueryRank = hasTensor("blk.0.attn_q_a.weight")
        let latent = DecoderSpecification.LatentAttention(
            rank: try size("attention.kv_lora_rank", .headDimension),
            queryRank: hasQueryRank ? try size("attention.q_lora_rank", .hiddenSize) : nil,
            plainDimension: keyDimension - turnedDimension, turnedDimension: turnedDimension,
            valueDimension: try size("attention.value_length\(ending)", .headDimension))
        return DecoderSpecification.Attention(
            headCount: try size("attention.head_count", .headCount), latent: latent)
    }

    /// YaRN with its factor on cosines as deepseek2 says it, and that on scores.
    private func stretch(
        of scaling: RotaryScaling
    ) throws(ModelError) -> (scaling: YarnScaling, scoreFactor: Double)? {
        switch scaling {
        case .yarn(var scaling):
            let stretch = PositionStretch(
                factor: scaling.factor,
                attentionFactor: try number("rope.scaling.attn_factor", .attentionFactor),
                logMultiplier: try number("rope.scaling.yarn_log_multiplier", .logMultiplier))
            scaling.attentionFactor = stretch.turning
            return (scaling, stretch.scoring * stretch.scoring)
        case .linear:
            throw .unsupportedValue(
                file: file, field: "\(architecture).rope.scaling.type", found: "linear",
                supported: ["none", "yarn"])
        case .none, .dynamic, .llama3, .long, .divided: return nil
        }
    }
}
