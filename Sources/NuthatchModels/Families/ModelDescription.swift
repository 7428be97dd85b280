package import NuthatchCheckpoints

/// What a checkpoint's header says the model is: all of it, before any weight is read.
package struct ModelDescription: Sendable {
    /// The family's name, as people write it.
    package let family: String
    package let specification: DecoderSpecification
    package let names: WeightNames
    /// The tower that reads images; nil for models of text alone.
    package let vision: VisionSpecification?
    /// What was read otherwise than the header says it, in sentences; nil where nothing was.
    package let remark: String?

    package init(
        family: String, specification: DecoderSpecification, names: WeightNames,
        vision: VisionSpecification? = nil, remark: String? = nil
    ) {
        self.remark = remark
        self.family = family
        self.specification = specification
        self.names = names
        self.vision = vision
    }

    /// Where a place's numbers lie in the file.
    package func source(_ place: TensorPlace, _ kind: TensorKind) -> TensorSource {
        names.source(place, kind, in: specification)
    }

    /// - Throws: `ModelError.unsupportedArchitecture`, `.encoderOnly`, `.encoderDecoder`, or what is wrong with the header.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        switch checkpoint {
        case .directory(let directory):
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            try QuantizedWeights.refuse(in: directory, checkpoint)
            try self.init(
                reader, of: checkpoint, architecture: try reader.architecture(), file: reader.file,
                forms: { $0.huggingFace },
                vision: { family, specification throws(ModelError) in
                    try family.vision?(reader, specification)
                },
                rotation: { family, specification throws(ModelError) in
                    try reader.partWords(specification, family: family.name)
                })
        case .gguf(let file):
            if let content = file.metadata.foreignContent {
                throw .foreign(file: file.path, content: content)
            }
            let reader = try MetadataReader(file, checkpoint: checkpoint)
            try self.init(
                reader, of: checkpoint, architecture: reader.architecture, file: reader.file,
                forms: { $0.gguf }, vision: { _, _ in nil }, rotation: { _, _ in nil })
        }
    }

    private init<Reader>(
        _ reader: Reader, of checkpoint: Checkpoint, architecture: String, file: String,
        forms: (ModelFamily) -> ModelFamily.Form<Reader>?,
        vision: (ModelFamily, DecoderSpecification) throws(ModelError) -> VisionSpecification?,
        rotation: (ModelFamily, DecoderSpecification) throws(ModelError) -> String?
    ) throws(ModelError) {
        for family in ModelFamily.all {
            guard let form = forms(family), form.architecture == architecture else { continue }
            let read = try form.read(reader)
            let named = try form.names(reader).adapted(to: checkpoint)
            let names = named.withOutputForEmbedding(read, in: checkpoint)
            let specification = Self.withOwnOutput(read, names, in: checkpoint)
            let remarks = [
                Self.remark(read, as: specification, names), Self.remark(named, as: names),
                try rotation(family, specification),
            ].compactMap(\.self)
            self.init(
                family: family.name, specification: specification, names: names,
                vision: try vision(family, specification),
                remark: remarks.isEmpty ? nil : remarks.joined(separator: " "))
            return
        }
        if EncoderOnly.holds(architecture) { throw .encoderOnly(file: file, architecture: architecture) }
        if let family = EncoderDecoderFamily.named(architecture) {
            throw .encoderDecoder(file: file, family: family.name)
        }
        throw .unsupportedArchitecture(
            file: file, found: architecture, supported: ModelHeader.supportedArchitectures(in: checkpoint))
    }
}
