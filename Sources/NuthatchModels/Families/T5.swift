import NuthatchCheckpoints
import NuthatchTensors

extension EncoderDecoderFamily {
    /// T5 (arXiv:1910.10683): positions by distance alone, RMS norms, no biases, scores that nothing scales.
    static let t5 = EncoderDecoderFamily(
        name: "T5", architecture: "T5ForConditionalGeneration",
        names: { config throws(ModelError) in
            let isGated = try T5.feedForward(config).isGated
            return Names(
                encoder: T5.names("encoder", feedForward: "layer.1", isGated: isGated),
                decoder: T5.names("decoder", feedForward: "layer.2", isGated: isGated))
        }
    ) { config throws(ModelError) in
        let layerCount = try config.size("num_layers", .layerCount)
        return try EncoderDecoderSpecification(
            file: config.file, encoder: try T5.stack(config, .encoder, layerCount: layerCount),
            decoder: try T5.stack(
                config, .decoder,
                layerCount: try config.size("num_decoder_layers", .layerCount, default: layerCount)),
            start: try config.answerStart(default: try config.integer("pad_token_id", default: 0)))
    }
}

enum T5 {
    static func stack(
        _ config: ConfigReader, _ part: DecoderSpecification.Part, layerCount: Int
    ) throws(ModelError) -> DecoderSpecification {
        let hiddenSize = try config.size("d_model", .hiddenSize)
        let headCount = try config.size("num_heads", .headCount)
        var attention = DecoderSpecification.Attention(
            heads: DecoderSpecification.Heads(
                queryCount: headCount, kvCount: headCount, dimension: try config.size("d_kv", .headDimension)),
            scale: 1)
        attention.relativePositions = RelativePositions(
            bucketCount: try config.size("relative_attention_num_buckets", .bucketCount, default: 32),
            maximumDistance: try config.size(
                "relative_attention_max_distance", .relativeDistance, default: 128))
        let scalesOutput = try scalesOutput(config)
        let isTied = part == .encoder || scalesOutput || !config.checkpoint.holds("lm_head.weight")
        return try DecoderSpecification(
            file: config.file, hiddenSize: hiddenSize,
            // Nothing but memory bounds distances.
            contextLength: ModelLimit.contextLength.maximum,
            embedding: DecoderSpecification.Embedding(
                vocabularySize: try config.size("vocab_size", .vocabularySize), isTied: isTied,
                logitScale: part == .decoder && scalesOutput ? 1 / Float(hiddenSize).squareRoot() : nil),
            attention: attention, feedForward: try feedForward(config),
            norms: DecoderSpecification.Norms(
                kind: .rms(weightOffset: 0),
                epsilon: Float(try config.positiveNumber("layer_norm_epsilon", default: 1e-6))),
            layers: DecoderSpecification.Layer.alike(layerCount), part: part)
    }

    /// Version 1.0 has its embedding for an output, and scales what goes there. Version 1.1 does neither, which files
    /// say by tying nothing; transformers 5 writes that all are tied, and whether they scale.
    private static func scalesOutput(_ config: ConfigReader) throws(ModelError) -> Bool {
        let isTied = try config.flag("tie_word_embeddings", default: true)
        return try config.flag("scale_decoder_outputs", default: isTied)
    }

    /// An activation, "gated-" before it or not. What "gated-gelu" names is the approximation.
    static func feedForward(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.FeedForward {
        let key = "feed_forward_proj"
        let stated = try reading { () throws(CheckpointError) in
            try config.root.optionalString(key)
        }
        let name = stated ?? "relu"
        let isGated = name.hasPrefix("gated-")
        let activation =
            name == "gated-gelu"
            ? Activation.geluTanh
            : try config.activation(named: isGated ? String(name.dropFirst(6)) : name, field: key)
        return DecoderSpecification.FeedForward(
            size: try config.size("d_ff", .feedForwardSize), activation: activation, isGated: isGated)
    }

    static func names(_ half: String, feedForward: String, isGated: Bool) -> WeightNames {
        var names = WeightNames(
            embedding: "shared", finalNorm: "\(half).final_layer_norm", output: "lm_head",
            layerPrefix: "\(half).block.",
            parts: [
                .attentionNorm: "layer.0.layer_norm", .query: "layer.0.SelfAttention.q",
                .key: "layer.0.SelfAttention.k", .value: "layer.0.SelfAttention.v",
                .attentionOutput: "layer.0.SelfAttention.o", .sourceNorm: "layer.1.layer_norm",
                .sourceQuery: "layer.1.EncDecAttention.q", .sourceKey: "layer.1.EncDecAttention.k",
                .sourceValue: "layer.1.EncDecAttention.v", .sourceOutput: "layer.1.EncDecAttention.o",
                .feedForwardNorm: "\(feedForward).layer_norm",
                .gate: "\(feedForward).DenseReluDense.wi_0",
                .up: "\(feedForward).DenseReluDense.\(isGated ? "wi_1" : "wi")",
                .down: "\(feedForward).DenseReluDense.wo",
            ],
            // The embedding saved for each half, an output matrix saved beside the embedding it is tied to, and
            // distances between a source and its answer, which mean nothing.
            ignoredEndings: [
                "coder.embed_tokens.weight", "lm_head.weight",
                "EncDecAttention.relative_attention_bias.weight",
            ])
        names.relativeBias = "\(half).block.0.layer.0.SelfAttention.relative_attention_bias"
        return names
    }
}
