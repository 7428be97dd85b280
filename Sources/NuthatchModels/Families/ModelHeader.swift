package import NuthatchCheckpoints

/// What kind of model a checkpoint's header describes.
package enum ModelHeader: Sendable {
    case decoder(ModelDescription)
    case encoderDecoder(EncoderDecoderDescription)

    /// - Throws: `ModelError.encoderOnly`, `.unsupportedArchitecture`, or what is wrong with the header.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        if let description = try EncoderDecoderDescription(ifIn: checkpoint) {
            self = .encoderDecoder(description)
        } else {
            self = .decoder(try ModelDescription(checkpoint))
        }
    }

    /// Ids of the vocabulary; of an encoder-decoder those of either half, which may differ.
    package var vocabularySizes: [Int] {
        switch self {
        case .decoder(let description): [description.specification.embedding.vocabularySize]
        case .encoderDecoder(let description):
            [description.specification.encoder, description.specification.decoder].map(
                \.embedding.vocabularySize)
        }
    }
}
