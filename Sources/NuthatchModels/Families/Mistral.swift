import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Mistral 7B (arXiv:2310.06825): Llama with one sliding window for all layers in its first version, and
    /// without since. Its GGUF files call themselves llama.
    static let mistral = ModelFamily(
        name: "Mistral",
        huggingFace: Form("MistralForCausalLM", names: .huggingFace) { config throws(ModelError) in
            let attention = DecoderSpecification.Attention(heads: try config.heads())
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(),
                layers: try config.layers(attention: attention, window: try config.window()))
        },
        writing: ModelFamily.llama.dialect)
}
