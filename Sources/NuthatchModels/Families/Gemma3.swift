import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Gemma 3, text (arXiv:2503.19786): norms around sublayers and on heads, five sliding layers for each full
    /// one, a rotary base for each kind, an embedding scaled up by sqrt(hiddenSize).
    static let gemma3 = ModelFamily(
        name: "Gemma 3",
        huggingFace: Form(
            "Gemma3ForCausalLM",
            names: Gemma.names
        ) { config throws(ModelError) in
            try config.refuse("use_bidirectional_attention")
            var attention = try Gemma.attention(config)
            attention.headNorm = .each
            attention.softcap = try config.softcap("attn_logit_softcapping")
            let window = try config.window() ?? 4096
            let period = try config.size("sliding_window_pattern", .layerCount, default: 6)
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(activationKey: "hidden_activation", default: .geluTanh),
                norms: try config.rmsNorms(weightOffset: 1, order: .around),
                isTiedByDefault: true,
                layers: try config.layers(
                    attention: attention, window: window, defaults: .init(full: 1_000_000, sliding: 10_000)
                ) { Gemma.retention(layer: $0, period: period, window: window) }
            ) { embedding throws(ModelError) in embedding.scale = try Gemma.embeddingScale(config) }
        },
        gguf: Form("gemma3", names: .gguf) { header throws(ModelError) in
            var attention = try Gemma.attention(header, largestLayerCount: 62)
            attention.headNorm = .each
            let window = try header.window() ?? 4096
            let isSliding = try header.slidingLayers(defaultPeriod: 6)
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(activation: .geluTanh),
                // The converter has added the 1 of Gemma's norms to the weights.
                norms: try header.rmsNorms(order: .around),
                layers: try header.layers(
                    attention: attention, pairing: .halves, defaults: .init(full: 1_000_000, sliding: 10_000)
                ) { isSliding[$0] ? .window(length: window) : .full }
            ) { embedding throws(ModelError) in embedding.scale = try Gemma.embeddingScale(header) }
        },
        writing: GGUFDialect("gemma3") { dialect in
            dialect.hasSoftcaps = true
            dialect.window = .followedWithOwnBase
        })
}

/// What Gemmas have in common.
enum Gemma {
    static let names = WeightNames.huggingFace.replacing([
        .attentionPostNorm: "post_attention_layernorm",
        .feedForwardNorm: "pre_feedforward_layernorm",
        .feedForwardPostNorm: "post_feedforward_layernorm",
    ])

    static func attention(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification.Attention {
        var attention = try config.attention(dimension: 256)
        attention.scale = Float(
            1 / (try config.number("query_pre_attn_scalar", .scoreWidth, default: 256)).squareRoot())
        return attention
    }

    /// The 27B model of a generation, told by how many layers it has, takes hiddenSize / headCount for the head
    /// dimension here; its files do not say so.
    static func attention(
        _ header: MetadataReader, largestLayerCount: Int
    ) throws(ModelError) -> DecoderSpecification.Attention {
        var attention = try header.attention()
        if try header.layerCount() == largestLayerCount {
            let dimension = Double(try header.hiddenSize()) / Double(attention.heads.queryCount)
            attention.scale = Float(1 / dimension.squareRoot())
        }
        return attention
    }

    /// Every `period`th layer is full. A period below 1 leaves none to slide.
    static func retention(layer: Int, period: Int, window: Int) -> Retention {
        period < 1 || (layer + 1) % period == 0 ? .full : .window(length: window)
    }

    static func embeddingScale(_ config: ConfigReader) throws(ModelError) -> Float {
        embeddingScale(
            try config.hiddenSize(),
            config.checkpoint.format(of: "\(WeightNames.huggingFace.embedding).weight"))
    }

    static func embeddingScale(_ header: MetadataReader) throws(ModelError) -> Float {
        embeddingScale(
            try header.hiddenSize(), header.checkpoint.format(of: "\(WeightNames.gguf.embedding).weight"))
    }

    /// sqrt(hiddenSize), in the precision of the embedding: transformers rounds it to the weights' type, and
    /// Gemma was trained with it rounded to bfloat16.
    private static func embeddingScale(_ hiddenSize: Int, _ format: ElementFormat?) -> Float {
        let scale = Float(hiddenSize).squareRoot()
        guard format == .bf16 else { return scale }
        // Nearest even: a bfloat16 is a float32 without its lower 16 bits.
        let bits = scale.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }
}
