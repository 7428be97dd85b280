import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Qwen3, dense (arXiv:2505.09388): heads normalised before they turn, no biases on queries, keys and values.
    static let qwen3 = ModelFamily(
        name: "Qwen3",
        huggingFace: Form("Qwen3ForCausalLM", names: .huggingFace) { config throws(ModelError) in
            var attention = try config.attention(dimension: 128)
            attention.headNorm = .each
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(),
                layers: try config.layers(
                    attention: attention, window: try config.window(),
                    retention: try config.upperLayersWindow()))
        },
        gguf: Form("qwen3", names: .gguf) { header throws(ModelError) in
            var attention = try header.attention()
            attention.headNorm = .each
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        writing: GGUFDialect("qwen3"))
}
