import NuthatchCheckpoints
import NuthatchTensors

extension EncoderDecoderFamily {
    /// BART (arXiv:1910.13461): learned positions from row 2 of their table, a norm behind the embedding, norms of sums.
    static let bart = EncoderDecoderFamily(
        name: "BART",
        huggingFace: Form(
            "BartForConditionalGeneration",
            names: { _ in
                Names(
                    encoder: BART.names("encoder", embedding: "model.shared"),
                    decoder: BART.names("decoder", embedding: "model.shared"))
            }
        ) { config throws(ModelError) in
            let vocabularySize = try config.size("vocab_size", .vocabularySize)
            func stack(_ part: DecoderSpecification.Part) throws(ModelError) -> DecoderSpecification {
                try BART.stack(config, part, vocabularySize: vocabularySize) {
                    embedding throws(ModelError) in
                    embedding.positions = try config.learnedPositions(offset: 2)
                    embedding.hasNorm = true
                }
            }
            return try EncoderDecoderSpecification(
                file: config.file, encoder: try stack(.encoder), decoder: try stack(.decoder),
                start: try config.answerStart(default: 2))
        })
}

/// What BART and Marian have in common.
enum BART {
    static func stack(
        _ config: ConfigReader, _ part: DecoderSpecification.Part, vocabularySize: Int,
        embedding adjust: (inout DecoderSpecification.Embedding) throws(ModelError) -> Void
    ) throws(ModelError) -> DecoderSpecification {
        let half = part == .encoder ? "encoder" : "decoder"
        let hiddenSize = try config.size("d_model", .hiddenSize)
        let headCount = try config.size("\(half)_attention_heads", .headCount)
        guard hiddenSize % headCount == 0 else {
            throw .invalid(
                file: config.file, field: "d_model",
                reason:
                    "is \(hiddenSize), no multiple of the \(Counted.text(headCount, "head")) of the \(half)")
        }
        var attention = DecoderSpecification.Attention(
            heads: DecoderSpecification.Heads(
                queryCount: headCount, kvCount: headCount, dimension: hiddenSize / headCount))
        attention.hasInputBias = true
        attention.hasOutputBias = true
        let tiesOutput = try config.flag("tie_word_embeddings", default: true)
        var embedding = DecoderSpecification.Embedding(
            vocabularySize: vocabularySize, isTied: part == .encoder || tiesOutput,
            scale: try config.flag("scale_embedding") ? Float(hiddenSize).squareRoot() : nil)
        // Files from before there was one are as if it were all zeros.
        embedding.hasLogitBias = part == .decoder && config.checkpoint.holds(logitBias)
        try adjust(&embedding)
        let key = "activation_function"
        let activation = try config.statedString(key)
        return try DecoderSpecification(
            file: config.file, hiddenSize: hiddenSize,
            contextLength: try config.size("max_position_embeddings", .contextLength),
            embedding: embedding, attention: attention,
            feedForward: DecoderSpecification.FeedForward(
                size: try config.size("\(half)_ffn_dim", .feedForwardSize),
                activation: try config.activation(named: activation ?? "gelu", field: key), isGated: false,
                hasBias: true),
            norms: DecoderSpecification.Norms(
                kind: .layer, epsilon: 1e-5, order: .afterSum, hasFinal: false),
            layers: DecoderSpecification.Layer.alike(try config.size("\(half)_layers", .layerCount)),
            part: part)
    }

    private static let logitBias = "final_logits_bias"

    static func names(_ half: String, embedding: String) -> WeightNames {
        var names = WeightNames(
            embedding: embedding, positions: "model.\(half).embed_positions",
            finalNorm: "model.\(half).layer_norm", output: "lm_head", layerPrefix: "model.\(half).layers.",
            parts: [
                .attentionPostNorm: "self_attn_layer_norm",
                .query: "self_attn.q_proj", .key: "self_attn.k_proj", .value: "self_attn.v_proj",
                .attentionOutput: "self_attn.out_proj",
                .sourcePostNorm: "encoder_attn_layer_norm",
                .sourceQuery: "encoder_attn.q_proj", .sourceKey: "encoder_attn.k_proj",
                .sourceValue: "encoder_attn.v_proj", .sourceOutput: "encoder_attn.out_proj",
                .feedForwardPostNorm: "final_layer_norm", .up: "fc1", .down: "fc2",
            ],
            // The embedding, saved once more for each half, or for both; Marian's sines.
            redundant: [
                RedundantTensors("coder.embed_tokens.weight", .copy(of: "\(embedding).weight")),
                RedundantTensors("model.shared.weight", .copy(of: "\(embedding).weight")),
                RedundantTensors("coder.embed_positions.weight", .sinusoids),
                RedundantTensors("coder.version", .formatVersion),
            ])
        names.embeddingNorm = "model.\(half).layernorm_embedding"
        names.logitBias = logitBias
        return names
    }
}
