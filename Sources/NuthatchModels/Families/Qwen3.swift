import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Qwen3, dense (arXiv:2505.09388): heads normalised before they turn, no biases on queries, keys and values.
    static let qwen3 = ModelFamily(
        name: "Qwen3",
        huggingFaceArchitecture: "Qwen3ForCausalLM",
        ggufArchitecture: "qwen3",
        fromConfig: { config throws(ModelError) in
            var attention = DecoderSpecification.Attention(heads: try config.heads(dimension: 128))
            attention.normalisesHeads = true
            attention.hasInputBias = try config.flag("attention_bias")
            attention.hasOutputBias = attention.hasInputBias
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(weightOffset: 0),
                layers: try config.layers(attention: attention, retention: try config.upperLayersWindow()))
        },
        fromMetadata: { header throws(ModelError) in
            var attention = try header.attention()
            attention.normalisesHeads = true
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .halves) { _ in .full })
        })
}
