import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Llama 1 to 3 (arXiv:2302.13971, 2307.09288, 2407.21783) and what is shaped like them: SmolLM2, TinyLlama;
    /// in GGUF files, Mistral and Mixtral too.
    static let llama = ModelFamily(
        name: "Llama",
        huggingFace: Form("LlamaForCausalLM", names: .huggingFace) { config throws(ModelError) in
            var attention = try config.attention()
            let memory = try config.compressiveMemory()
            attention.hasMemoryGates = memory != nil
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(hasBias: try config.flag("mlp_bias")),
                norms: try config.rmsNorms(),
                layers: try config.layers(attention: attention, window: try config.window()) { _ in
                    memory ?? .full
                })
        },
        gguf: Form("llama", names: .gguf) { header throws(ModelError) in
            // Converters reorder the rows of Llama's queries and keys so that the elements of a pair are
            // neighbours.
            let attention = try header.attention()
            let experts = try header.expertCount() > 0 ? try header.experts(normalisesWeights: true) : nil
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(experts: experts),
                norms: try header.rmsNorms(),
                layers: try header.layers(
                    attention: attention, pairing: .neighbours, window: try header.window()
                ).sparse { _ in experts != nil })
        },
        writing: GGUFDialect("llama") { dialect in
            dialect.pairing = .neighbours
            dialect.biases = .optional
            dialect.window = .stated
            dialect.factors = [.divisors, .long]
        })
}
