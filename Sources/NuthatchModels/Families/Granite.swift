import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Granite 3: Llama with numbers that scale the embedding, the scores, what sublayers add, and the logits.
    static let granite = ModelFamily(
        name: "Granite",
        huggingFace: Form("GraniteForCausalLM", names: .huggingFace) { config throws(ModelError) in
            var attention = try config.attention()
            attention.scale = Float(try config.number("attention_multiplier", .scoreScale, default: 1))
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(hasBias: try config.flag("mlp_bias")),
                norms: try config.rmsNorms(),
                layers: try config.layers(attention: attention, window: nil),
                residualScale: try config.multiplier("residual_multiplier")
            ) { embedding throws(ModelError) in
                embedding.scale = try config.multiplier("embedding_multiplier")
                embedding.logitScale = try config.multiplier("logits_scaling").map { 1 / $0 }
            }
        },
        gguf: Form("granite", names: .gguf) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .neighbours),
                residualScale: try header.multiplier("residual_scale"), scalesLogits: true
            ) { embedding throws(ModelError) in
                embedding.scale = try header.multiplier("embedding_scale")
                embedding.logitScale = try header.multiplier("logit_scale").map { 1 / $0 }
            }
        },
        writing: GGUFDialect("granite") { dialect in
            dialect.pairing = .neighbours
            dialect.biases = .optional
            dialect.hasScales = true
        })
}
