import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Qwen2 and Qwen2.5 (arXiv:2407.10671, 2412.15115): Llama with biases on queries, keys and values.
    static let qwen2 = ModelFamily(
        name: "Qwen2",
        huggingFace: Form("Qwen2ForCausalLM", names: .huggingFace) { config throws(ModelError) in
            var attention = DecoderSpecification.Attention(heads: try config.heads())
            attention.hasInputBias = true
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(),
                layers: try config.layers(
                    attention: attention, window: try config.window(),
                    retention: try config.upperLayersWindow()))
        },
        gguf: Form("qwen2", names: .gguf) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        writing: GGUFDialect("qwen2") { $0.biases = .inputs })
}

extension ConfigReader {
    /// Qwen's rule where `layer_types` is missing: from `max_window_layers` on, layers slide, if any do.
    func upperLayersWindow() throws(ModelError) -> @Sendable (Int) -> Retention {
        guard try flag("use_sliding_window"), let window = try window() else { return { _ in .full } }
        let fullCount = try integer("max_window_layers", default: 28)
        return { layer in layer >= fullCount ? .window(length: window) : .full }
    }
}
