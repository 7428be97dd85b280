import NuthatchCache
import NuthatchTensors

extension ModelFamily {
    /// Phi-3 and 3.5 (arXiv:2404.14219): Llama with queries, keys and values in one matrix, gate and up in
    /// another, and longrope.
    private static let phi3Names = WeightNames.gguf.fusing(
        .queryKeyValue("attn_qkv"), .init("ffn_up", [.gate, .up]))

    static let phi3 = ModelFamily(
        name: "Phi-3",
        huggingFace: Form(
            "Phi3ForCausalLM",
            names: .huggingFace.fusing(
                .queryKeyValue("self_attn.qkv_proj"), .init("mlp.gate_up_proj", [.gate, .up]))
        ) { config throws(ModelError) in
            let attention = DecoderSpecification.Attention(heads: try config.heads())
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(),
                norms: try config.rmsNorms(),
                layers: try config.layers(
                    attention: attention, window: try config.window(), defaults: .init(share: 1)))
        },
        gguf: Form(
            "phi3", names: phi3Names
        ) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(
                    attention: attention, pairing: .halves, window: try header.window()))
        },
        writing: GGUFDialect("phi3", names: phi3Names) { dialect in
            dialect.window = .stated
            dialect.factors = [.long]
        })
}
