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

    /// What files of a checkpoint's kind may call themselves: decoders, then encoder-decoders.
    static func supportedArchitectures(in checkpoint: Checkpoint) -> [String] {
        switch checkpoint {
        case .directory:
            ModelFamily.all.map(\.huggingFaceArchitecture)
                + EncoderDecoderFamily.all.map(\.huggingFaceArchitecture)
        case .gguf:
            ModelFamily.all.compactMap(\.ggufArchitecture)
                + EncoderDecoderFamily.all.compactMap(\.ggufArchitecture)
        }
    }

    /// What was read otherwise than the header says it, in a sentence; nil where nothing was.
    package var remark: String? {
        switch self {
        case .decoder(let description): description.remark
        case .encoderDecoder(let description): description.decoder.remark
        }
    }

    /// Tensors of the files that the model isn't made of, each known to be redundant. Reads no weights but those that
    /// are copies of others.
    ///
    /// - Throws: `ModelError.missingTensor`, `.wrongShape`, `.unexpectedTensors` or `.differingCopy`.
    package func leftOutTensors(of checkpoint: Checkpoint) throws(ModelError) -> [LeftOutTensor] {
        switch self {
        case .decoder(let description): try CheckpointWeights(checkpoint, description).leftOut
        case .encoderDecoder(let description):
            try CheckpointWeights(checkpoint, description.encoder, beside: description.decoder).leftOut
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
