package import NuthatchCheckpoints

/// A model family: how its files, of either kind, describe a decoder.
///
/// Adding one: a file beside this one with a static constant, a line in `all`, goldens from Scripts/goldens.
package struct ModelFamily: Sendable {
    /// As people write it.
    package let name: String
    /// The entry of `architectures` in config.json.
    package let huggingFaceArchitecture: String
    /// `general.architecture`; nil where GGUF files of the family name another family's.
    package let ggufArchitecture: String?
    let huggingFaceNames: WeightNames
    let ggufNames: WeightNames
    let fromConfig: @Sendable (ConfigReader) throws(ModelError) -> DecoderSpecification
    let fromMetadata: @Sendable (MetadataReader) throws(ModelError) -> DecoderSpecification

    init(
        name: String, huggingFaceArchitecture: String, ggufArchitecture: String?,
        huggingFaceNames: WeightNames = .huggingFace, ggufNames: WeightNames = .gguf,
        fromConfig: @escaping @Sendable (ConfigReader) throws(ModelError) -> DecoderSpecification,
        fromMetadata: @escaping @Sendable (MetadataReader) throws(ModelError) -> DecoderSpecification
    ) {
        self.name = name
        self.huggingFaceArchitecture = huggingFaceArchitecture
        self.ggufArchitecture = ggufArchitecture
        self.huggingFaceNames = huggingFaceNames
        self.ggufNames = ggufNames
        self.fromConfig = fromConfig
        self.fromMetadata = fromMetadata
    }

    /// Every family that Nuthatch knows.
    package static let all: [ModelFamily] = [.llama, .mistral, .qwen2, .qwen3, .gemma3]
}

/// What a checkpoint's header says the model is: all of it, before any weight is read.
package struct ModelDescription: Sendable {
    /// The family's name.
    package let family: String
    package let specification: DecoderSpecification
    package let names: WeightNames

    package init(family: String, specification: DecoderSpecification, names: WeightNames) {
        self.family = family
        self.specification = specification
        self.names = names
    }

    /// - Throws: `ModelError.unsupportedArchitecture`, or what is wrong with the header.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        switch checkpoint {
        case .directory(let directory):
            let reader = ConfigReader(root: directory.config, checkpoint: checkpoint)
            let architecture = try reader.architecture()
            guard let family = ModelFamily.all.first(where: { $0.huggingFaceArchitecture == architecture })
            else {
                throw .unsupportedArchitecture(
                    file: reader.file, found: architecture,
                    supported: ModelFamily.all.map(\.huggingFaceArchitecture))
            }
            self.init(
                family: family.name, specification: try family.fromConfig(reader),
                names: family.huggingFaceNames)
        case .gguf(let file):
            let reader = try MetadataReader(file, checkpoint: checkpoint)
            guard let family = ModelFamily.all.first(where: { $0.ggufArchitecture == reader.architecture })
            else {
                throw .unsupportedArchitecture(
                    file: reader.file, found: reader.architecture,
                    supported: ModelFamily.all.compactMap(\.ggufArchitecture))
            }
            self.init(
                family: family.name, specification: try family.fromMetadata(reader), names: family.ggufNames)
        }
    }
}
