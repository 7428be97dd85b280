import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// OLMo 2 (arXiv:2501.00656): norms behind sublayers instead of before them, and of all heads together.
    static let olmo2 = ModelFamily(
        name: "OLMo 2",
        huggingFace: Form(
            "Olmo2ForCausalLM",
            names: .huggingFace.replacing([
                .attentionPostNorm: "post_attention_layernorm",
                .feedForwardPostNorm: "post_feedforward_layernorm",
            ])
        ) { config throws(ModelError) in
            var attention = try config.attention()
            attention.headNorm = .all
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(order: .after),
                layers: try config.layers(attention: attention, window: nil))
        },
        gguf: Form("olmo2", names: .gguf) { header throws(ModelError) in
            var attention = try header.attention()
            attention.headNorm = .all
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(order: .after),
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        writing: GGUFDialect("olmo2") { $0.needsOutput = true })
}
