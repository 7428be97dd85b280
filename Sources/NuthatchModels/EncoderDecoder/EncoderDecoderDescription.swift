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
        if let description = try EncoderDecoderDescription(ifIn: checkpoint) {
            self = description
            return
        }
        let (file, architecture) = try Self.architecture(of: checkpoint)
        if EncoderOnly.holds(architecture) { throw .encoderOnly(file: file, architecture: architecture) }
        let families = EncoderDecoderFamily.all
        let supported: [String]
        switch checkpoint {
        case .directory: supported = families.map(\.huggingFaceArchitecture)
        case .gguf: supported = families.compactMap(\.ggufArchitecture)
        }
        throw .unsupportedArchitecture(file: file, found: architecture, supported: supported)
    }

    /// Nil where the checkpoint is of something else.
    init?(ifIn checkpoint: Checkpoint) throws(ModelError) {
        switch checkpoint {
        case .directory(let directory):
            try QuantizedWeights.refuse(in: directory, checkpoint)
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            let architecture = try reader.architecture()
            guard
                let family = EncoderDecoderFamily.all.first(where: {
                    $0.huggingFaceArchitecture == architecture
                })
            else { return nil }
            try self.init(reader, as: family.huggingFace, of: family, in: checkpoint)
        case .gguf(let file):
            if let content = file.metadata.foreignContent {
                throw .foreign(file: file.path, content: content)
            }
            let reader = try MetadataReader(file, checkpoint: checkpoint)
            for family in EncoderDecoderFamily.all {
                guard let form = family.gguf, form.architecture == reader.architecture else { continue }
                try self.init(reader, as: form, of: family, in: checkpoint)
                return
            }
            return nil
        }
    }

    private init<Reader>(
        _ reader: Reader, as form: EncoderDecoderFamily.Form<Reader>, of family: EncoderDecoderFamily,
        in checkpoint: Checkpoint
    ) throws(ModelError) {
        var specification = try form.read(reader)
        let names = try form.names(reader)
        let read = specification.decoder
        specification.decoder = ModelDescription.withOwnOutput(read, names.decoder, in: checkpoint)
        self.family = family.name
        self.specification = specification
        encoder = ModelDescription(
            family: family.name, specification: specification.encoder, names: names.encoder)
        decoder = ModelDescription(
            family: family.name, specification: specification.decoder, names: names.decoder,
            remark: ModelDescription.remark(read, as: specification.decoder, names.decoder))
    }

    private static func architecture(
        of checkpoint: Checkpoint
    ) throws(ModelError) -> (file: String, architecture: String) {
        switch checkpoint {
        case .directory(let directory):
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            return (reader.file, try reader.architecture())
        case .gguf(let file):
            return (file.path, try MetadataReader(file, checkpoint: checkpoint).architecture)
        }
    }
}
