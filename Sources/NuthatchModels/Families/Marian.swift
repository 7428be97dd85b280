extension EncoderDecoderFamily {
    /// Marian (arXiv:1804.00344), as the OPUS-MT translators have it: BART with sines for positions, no norm behind the
    /// embedding, and, where it says so, an embedding for each of its two languages.
    static let marian = EncoderDecoderFamily(
        name: "Marian",
        huggingFace: Form(
            "MarianMTModel",
            names: { config throws(ModelError) in
                let isShared = try config.flag("share_encoder_decoder_embeddings", default: true)
                func names(_ half: String) -> WeightNames {
                    BART.names(half, embedding: isShared ? "model.shared" : "model.\(half).embed_tokens")
                }
                return Names(encoder: names("encoder"), decoder: names("decoder"))
            }
        ) { config throws(ModelError) in
            let isShared = try config.flag("share_encoder_decoder_embeddings", default: true)
            let sourceSize = try config.size("vocab_size", .vocabularySize)
            let targetSize =
                isShared
                ? sourceSize : try config.size("decoder_vocab_size", .vocabularySize, default: sourceSize)
            func stack(
                _ part: DecoderSpecification.Part, _ vocabularySize: Int
            ) throws(ModelError) -> DecoderSpecification {
                try BART.stack(config, part, vocabularySize: vocabularySize) { $0.hasSinusoids = true }
            }
            return try EncoderDecoderSpecification(
                file: config.file, encoder: try stack(.encoder, sourceSize),
                decoder: try stack(.decoder, targetSize),
                start: try config.answerStart(default: try config.integer("pad_token_id", default: 58_100)))
        })
}
