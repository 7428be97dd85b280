extension ModelFamily {
    /// GPT-BigCode: SantaCoder (arXiv:2301.03988) and StarCoder (arXiv:2305.06161). GPT-2 with one key-value head.
    static let gptBigCode = ModelFamily(
        name: "GPT-BigCode",
        huggingFace: Form(
            "GPTBigCodeForCausalLM",
            names: { config throws(ModelError) in
                // With a key-value head for each query head, files keep the three of a head together.
                let isShared = try config.flag("multi_query", default: true)
                return GPT.names.fusing(.queryKeyValue("attn.c_attn", isShared ? .byPart : .byHead))
            }
        ) { config throws(ModelError) in
            let config = config.spelling(GPT.spellings)
            try config.refuse("add_cross_attention")
            var attention = try GPT.attention(config)
            if try config.flag("multi_query", default: true) { attention.heads.kvCount = 1 }
            return try config.specification(
                attention: attention,
                feedForward: try GPT.feedForward(config),
                norms: try config.layerNorms(),
                isTiedByDefault: true,
                layers: try config.unturnedLayers()
            ) { embedding throws(ModelError) in embedding.positions = try config.learnedPositions() }
        },
        gguf: Form("starcoder", names: .ggufFused) { header throws(ModelError) in
            try GPT.specification(header)
        },
        writing: GGUFDialect("starcoder", names: .ggufFused) { $0.biases = .all })
}
