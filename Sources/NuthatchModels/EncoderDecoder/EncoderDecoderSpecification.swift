package import NuthatchCache
package import NuthatchTensors

/// Everything about an encoder-decoder but its weights: its two halves, and how an answer begins.
package struct EncoderDecoderSpecification: Sendable, Equatable {
    package let encoder: DecoderSpecification
    package internal(set) var decoder: DecoderSpecification
    package let start: AnswerStart

    /// What a decoder is given before anything of an answer is there.
    package struct AnswerStart: Sendable, Equatable {
        /// Read at position 0: the padding token in T5 and Marian, the end of a text in BART.
        package var token: TokenID
        /// What the answer begins with, whatever the logits say; nil leaves it to them.
        package var forcedFirstToken: TokenID?
        /// What no answer has in it: padding, in Marian.
        package var suppressedTokens: [TokenID]

        package init(token: TokenID, forcedFirstToken: TokenID? = nil, suppressedTokens: [TokenID] = []) {
            self.token = token
            self.forcedFirstToken = forcedFirstToken
            self.suppressedTokens = suppressedTokens
        }
    }

    /// - Parameter file: named by the errors.
    /// - Throws: `ModelError.invalid` for halves that don't fit each other or tokens outside the vocabulary.
    package init(
        file: String, encoder: DecoderSpecification, decoder: DecoderSpecification, start: AnswerStart
    ) throws(ModelError) {
        precondition(encoder.part == .encoder && decoder.part == .decoder, "a half each")
        guard encoder.hiddenSize == decoder.hiddenSize else {
            throw .invalid(
                file: file, field: "the hidden size",
                reason: "is \(encoder.hiddenSize) in the encoder and \(decoder.hiddenSize) in the decoder")
        }
        // The encoder's workspace has room for keys and values of its own, and so for the decoder's.
        guard decoder.attention.heads.kvWidth == encoder.attention.heads.kvWidth else {
            throw .invalid(
                file: file, field: "the width of all heads",
                reason: "is \(encoder.attention.heads.kvWidth) in the encoder and "
                    + "\(decoder.attention.heads.kvWidth) in the decoder")
        }
        let first = [start.token, start.forcedFirstToken ?? start.token].map {
            ("the answer's first token", $0)
        }
        for (field, token) in first + start.suppressedTokens.map({ ("a token in bad_words_ids", $0) }) {
            guard token >= 0, Int(token) < decoder.embedding.vocabularySize else {
                throw .invalid(
                    file: file, field: field,
                    reason: "is \(token), which is not in the vocabulary, 0 to "
                        + "\(decoder.embedding.vocabularySize - 1)")
            }
        }
        self.encoder = encoder
        self.decoder = decoder
        self.start = start
    }

    /// Whether positions end somewhere; distances don't.
    package var contextIsBounded: Bool { decoder.attention.relativePositions == nil }
    /// Geometries of the decoder's self-attention, layer by layer.
    package var targetGeometries: [LayerGeometry] { decoder.layerGeometries }
    /// Geometries of its attention to sources: the same heads.
    package var sourceGeometries: [LayerGeometry] { decoder.layerGeometries }
}
