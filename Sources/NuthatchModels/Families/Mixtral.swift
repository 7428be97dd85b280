import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Mixtral 8x7B and 8x22B (arXiv:2401.04088): Mistral with experts in every layer. Its GGUF files call themselves
    /// llama.
    static let mixtral = ModelFamily(
        name: "Mixtral",
        huggingFace: Form("MixtralForCausalLM", names: .mixtral) { config throws(ModelError) in
            let attention = DecoderSpecification.Attention(heads: try config.heads())
            var feedForward = try config.feedForward()
            var experts = try config.experts(countKey: "num_local_experts", sizeKey: "intermediate_size")
            experts.normalisesWeights = true
            feedForward.experts = experts
            return try config.specification(
                attention: attention, feedForward: feedForward,
                norms: try config.rmsNorms(epsilon: 1e-5),
                layers: try config.layers(attention: attention, window: try config.window()).sparse())
        },
        writing: ModelFamily.llama.dialect)
}

extension WeightNames {
    fileprivate static var mixtral: WeightNames {
        var names = huggingFace.replacing([.router: "block_sparse_moe.gate"])
        names.experts = ExpertNames(
            prefix: "block_sparse_moe.experts.", [.gate: "w1", .up: "w3", .down: "w2"])
        return names
    }
}
