package import NuthatchCheckpoints

/// What kind of model a checkpoint's header describes.
package enum ModelHeader: Sendable {
    case decoder(ModelDescription)
    case encoderDecoder(EncoderDecoderDescription)

    /// - Throws: `ModelError.encoderOnly`, `.unsupportedArchitecture`, or what is wrong with the header.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        if case .directory(let directory) = checkpoint {
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            if let family = EncoderDecoderFamily.named(try reader.architecture()) {
                self = .encoderDecoder(try EncoderDecoderDescription(reader, of: family))
                return
            }
        }
        self = .decoder(try ModelDescription(checkpoint))
    }
}
