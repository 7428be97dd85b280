import NuthatchCheckpoints
import NuthatchTensors

extension EncoderDecoderFamily {
    /// T5 (arXiv:1910.10683): positions by distance alone, RMS norms, no biases, scores that nothing scales.
    static let t5 = EncoderDecoderFamily(
        name: "T5",
        huggingFace: Form(
            "T5ForConditionalGeneration",
            names: { config throws(ModelError) in
                let isGated = try T5.feedForward(config).isGated
                return Names(
                    encoder: T5.names("encoder", feedForward: "layer.1", isGated: isGated),
                    decoder: T5.names("decoder", feedForward: "layer.2", isGated: isGated))
            }
        ) { config throws(ModelError) in
            let layerCount = try config.size("num_layers", .layerCount)
            return try T5.specification(
                try T5.shape(config), file: config.file, encoderLayerCount: layerCount,
                decoderLayerCount: try config.size("num_decoder_layers", .layerCount, default: layerCount),
                start: try config.answerStart(default: try config.integer("pad_token_id", default: 0)))
        },
        gguf: Form(
            "t5", names: { _ in Names(encoder: T5.ggufNames("enc"), decoder: T5.ggufNames("dec")) }
        ) { header throws(ModelError) in
            let layerCount = try header.layerCount()
            return try T5.specification(
                try T5.shape(header), file: header.file, encoderLayerCount: layerCount,
                decoderLayerCount: try header.size("decoder_block_count", .layerCount, default: layerCount),
                start: try T5.start(header))
        })
}

enum T5 {
    /// What both halves have in common.
    struct Shape {
        var hiddenSize: Int
        var headCount: Int
        var headDimension: Int
        var positions: RelativePositions
        var vocabularySize: Int
        var hasOutputMatrix: Bool
        /// Whether what goes into the output matrix is scaled down.
        var scalesOutput: Bool
        var feedForward: DecoderSpecification.FeedForward
        var epsilon: Double
    }

    static func specification(
        _ shape: Shape, file: String, encoderLayerCount: Int, decoderLayerCount: Int,
        start: EncoderDecoderSpecification.AnswerStart
    ) throws(ModelError) -> EncoderDecoderSpecification {
        try EncoderDecoderSpecification(
            file: file, encoder: try stack(shape, .encoder, file: file, layerCount: encoderLayerCount),
            decoder: try stack(shape, .decoder, file: file, layerCount: decoderLayerCount), start: start)
    }

    private static func stack(
        _ shape: Shape, _ part: DecoderSpecification.Part, file: String, layerCount: Int
    ) throws(ModelError) -> DecoderSpecification {
        var attention = DecoderSpecification.Attention(
            heads: DecoderSpecification.Heads(
                queryCount: shape.headCount, kvCount: shape.headCount, dimension: shape.headDimension),
            scale: 1)
        attention.relativePositions = shape.positions
        let scale = 1 / Float(shape.hiddenSize).squareRoot()
        return try DecoderSpecification(
            file: file, hiddenSize: shape.hiddenSize,
            // Nothing but memory bounds distances.
            contextLength: ModelLimit.contextLength.maximum,
            embedding: DecoderSpecification.Embedding(
                vocabularySize: shape.vocabularySize, isTied: part == .encoder || !shape.hasOutputMatrix,
                logitScale: part == .decoder && shape.scalesOutput ? scale : nil),
            attention: attention, feedForward: shape.feedForward,
            norms: DecoderSpecification.Norms(
                kind: .rms(weightOffset: 0), epsilon: Float(shape.epsilon)),
            layers: DecoderSpecification.Layer.alike(layerCount), part: part)
    }

    // MARK: Hugging Face directories

    /// Version 1.0 has its embedding for an output, and scales what goes there. Version 1.1 does neither, which files
    /// say by tying nothing; transformers 5 writes that all are tied, and whether they scale.
    static func shape(_ config: ConfigReader) throws(ModelError) -> Shape {
        let isTied = try config.flag("tie_word_embeddings", default: true)
        let scalesOutput = try config.flag("scale_decoder_outputs", default: isTied)
        return Shape(
            hiddenSize: try config.size("d_model", .hiddenSize),
            headCount: try config.size("num_heads", .headCount),
            headDimension: try config.size("d_kv", .headDimension),
            positions: RelativePositions(
                bucketCount: try config.size("relative_attention_num_buckets", .bucketCount, default: 32),
                maximumDistance: try config.size(
                    "relative_attention_max_distance", .relativeDistance, default: 128)),
            vocabularySize: try config.size("vocab_size", .vocabularySize),
            hasOutputMatrix: !(isTied && scalesOutput) && config.checkpoint.holds("lm_head.weight"),
            scalesOutput: scalesOutput, feedForward: try feedForward(config),
            epsilon: try config.number("layer_norm_epsilon", .epsilon, default: 1e-6))
    }

    /// An activation, "gated-" before it or not. What "gated-gelu" names is the approximation.
    static func feedForward(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.FeedForward {
        let key = "feed_forward_proj"
        let name = try config.statedString(key) ?? "relu"
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
            // The embedding, saved once more for each half.
            redundant: [
                RedundantTensors("coder.embed_tokens.weight", .copy(of: "shared.weight")),
                RedundantTensors("EncDecAttention.relative_attention_bias.weight", .sourceDistances),
            ])
        names.relativeBias = "\(half).block.0.layer.0.SelfAttention.relative_attention_bias"
        return names
    }

    // MARK: GGUF files

    /// Where converters say nothing: distances end at 128, as in all published models, and what is gated is by GELU's
    /// approximation. Version 1.0, which scales its output, has neither gates nor an output matrix; its converter may
    /// have written the embedding twice.
    static func shape(_ header: MetadataReader) throws(ModelError) -> Shape {
        try header.refuseUncomputed()
        let attention = try header.attention()
        let stored = try embeddingShape(header)
        let hasOutputMatrix = header.hasTensor("output.weight")
        let isGated = header.hasTensor("enc.blk.0.ffn_gate.weight")
        return Shape(
            hiddenSize: try header.hiddenSize(), headCount: attention.heads.queryCount,
            headDimension: attention.heads.dimension,
            positions: RelativePositions(
                bucketCount: try header.size("attention.relative_buckets_count", .bucketCount, default: 32),
                maximumDistance: 128),
            vocabularySize: stored.first ?? 0, hasOutputMatrix: hasOutputMatrix,
            scalesOutput: !hasOutputMatrix || !isGated,
            feedForward: try header.feedForward(activation: isGated ? .geluTanh : .relu, isGated: isGated),
            epsilon: try header.number("attention.layer_norm_rms_epsilon", .epsilon) ?? 1e-6)
    }

    private static func embeddingShape(_ header: MetadataReader) throws(ModelError) -> [Int] {
        let name = "token_embd.weight"
        guard let stored = header.checkpoint.tensor(named: name) else {
            throw .checkpoint(.missingTensor(file: header.file, tensor: name))
        }
        return stored.shape
    }

    static func start(
        _ header: MetadataReader
    ) throws(ModelError) -> EncoderDecoderSpecification.AnswerStart {
        let key = "decoder_start_token_id"
        let stated = try reading { () throws(CheckpointError) in
            try header.metadata.optionalInteger(key)
        }
        // The padding token is 0 in all published models.
        guard let token = TokenID(exactly: stated ?? 0) else {
            throw .invalid(
                file: header.file, field: "\(header.architecture).\(key)",
                reason: "is \(stated ?? 0), which no token is")
        }
        return EncoderDecoderSpecification.AnswerStart(token: token)
    }

    static func ggufNames(_ half: String) -> WeightNames {
        var names = WeightNames(
            embedding: "token_embd", finalNorm: "\(half).output_norm", output: "output",
            layerPrefix: "\(half).blk.",
            parts: [
                .attentionNorm: "attn_norm", .query: "attn_q", .key: "attn_k", .value: "attn_v",
                .attentionOutput: "attn_o", .sourceNorm: "cross_attn_norm", .sourceQuery: "cross_attn_q",
                .sourceKey: "cross_attn_k", .sourceValue: "cross_attn_v", .sourceOutput: "cross_attn_o",
                .feedForwardNorm: "ffn_norm", .gate: "ffn_gate", .up: "ffn_up", .down: "ffn_down",
            ],
            redundant: [RedundantTensors("cross_attn_rel_b.weight", .sourceDistances)])
        names.relativeBias = "\(half).blk.0.attn_rel_b"
        return names
    }
}
