import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// StarCoder2 (arXiv:2402.19173): rotary positions and key-value groups, with layer norms, biases and a
    /// feed-forward without gate.
    static let starCoder2 = ModelFamily(
        name: "StarCoder2",
        huggingFace: Form(
            "Starcoder2ForCausalLM", names: .huggingFace.replacing([.up: "mlp.c_fc", .down: "mlp.c_proj"])
        ) { config throws(ModelError) in
            let attention = try config.attention(biasKey: "use_bias", hasBias: true)
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(
                    default: .geluTanh, isGated: false, hasBias: attention.hasInputBias),
                norms: try config.layerNorms("norm_epsilon"),
                isTiedByDefault: true,
                layers: try config.layers(attention: attention, window: try config.window()))
        },
        gguf: Form("starcoder2", names: .gguf) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(activation: .geluTanh, isGated: false),
                norms: try header.layerNorms(),
                layers: try header.layers(
                    attention: attention, pairing: .halves, window: try header.window()))
        },
        writing: GGUFDialect("starcoder2") { dialect in
            dialect.biases = .all
            dialect.window = .stated
        })
}
