import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Gemma 2 (arXiv:2408.00118): norms around sublayers, every other layer sliding, scores and logits capped, an
    /// embedding scaled up by sqrt(hiddenSize).
    static let gemma2 = ModelFamily(
        name: "Gemma 2",
        huggingFace: Form("Gemma2ForCausalLM", names: Gemma.names) { config throws(ModelError) in
            try config.refuse("use_bidirectional_attention")
            var attention = try Gemma.attention(config)
            attention.softcap = try config.softcap("attn_logit_softcapping", default: 50)
            let window = try config.window() ?? 4096
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(activationKey: "hidden_activation", default: .geluTanh),
                norms: try config.rmsNorms(weightOffset: 1, order: .around),
                isTiedByDefault: true,
                layers: try config.layers(attention: attention, window: window) {
                    Gemma.retention(layer: $0, period: 2, window: window)
                }
            ) { embedding throws(ModelError) in
                embedding.scale = try Gemma.embeddingScale(config)
                embedding.logitSoftcap = try config.softcap("final_logit_softcapping", default: 30)
            }
        },
        gguf: Form("gemma2", names: .gguf) { header throws(ModelError) in
            let attention = try Gemma.attention(header, largestLayerCount: 46)
            let window = try header.window() ?? 4096
            let isSliding = try header.slidingLayers(defaultPeriod: 2)
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(activation: .geluTanh),
                norms: try header.rmsNorms(order: .around),
                layers: try header.layers(attention: attention, pairing: .halves) {
                    isSliding[$0] ? .window(length: window) : .full
                }
            ) { embedding throws(ModelError) in embedding.scale = try Gemma.embeddingScale(header) }
        },
        writing: GGUFDialect("gemma2") { dialect in
            dialect.hasSoftcaps = true
            dialect.window = .followed
        })
}
