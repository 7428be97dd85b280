package import NuthatchCheckpoints

/// What a checkpoint's header says an encoder-decoder is: all of it, before any weight is read.
package struct EncoderDecoderDescription: Sendable {
    /// The family's name, as people write it.
    package let family: String
    package let specification: EncoderDecoderSpecification
    /// Each half with its names for what it is made of.
    package let encoder: ModelDescription
    package let decoder: ModelDescription

    /// - Throws: `ModelError.unsupportedArchitecture`, `.encoderOnly`, or what is wrong with the header.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        switch checkpoint {
        case .directory(let directory):
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            let architecture = try reader.architecture()
            guard let family = EncoderDecoderFamily.named(architecture) else {
                if EncoderOnly.holds(architecture) {
                    throw .encoderOnly(file: reader.file, architecture: architecture)
                }
                throw .unsupportedArchitecture(
                    file: reader.file, found: architecture,
                    supported: EncoderDecoderFamily.all.map(\.architecture))
            }
            try self.init(reader, of: family)
        case .gguf(let file):
            throw .unsupportedArchitecture(
                file: file.path, found: try MetadataReader(file, checkpoint: checkpoint).architecture,
                supported: EncoderDecoderFamily.all.map { "\($0.architecture) (as a Hugging Face directory)" }
            )
        }
    }

    init(_ reader: ConfigReader, of family: EncoderDecoderFamily) throws(ModelError) {
        let specification = try family.read(reader)
        let names = try family.names(reader)
        self.family = family.name
        self.specification = specification
        encoder = ModelDescription(
            family: family.name, specification: specification.encoder, names: names.encoder)
        decoder = ModelDescription(
            family: family.name, specification: specification.decoder, names: names.decoder)
    }
}
