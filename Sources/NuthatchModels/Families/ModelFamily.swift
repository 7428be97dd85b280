/// A model family: how its files, of either kind, describe a decoder.
///
/// Adding one: a file beside this one with a static constant, a line in `all`, goldens from Scripts/goldens.
package struct ModelFamily: Sendable {
    /// As people write it.
    package let name: String
    let huggingFace: Form<ConfigReader>
    /// Nil where the family's GGUF files call themselves another's.
    let gguf: Form<MetadataReader>?
    /// What a directory says of its vision tower; nil for families that read text alone.
    let vision: (@Sendable (ConfigReader, DecoderSpecification) throws(ModelError) -> VisionSpecification)?
    /// How GGUF files of it are written; nil where Nuthatch writes none.
    let dialect: GGUFDialect?

    init(
        name: String, huggingFace: Form<ConfigReader>, gguf: Form<MetadataReader>? = nil,
        vision: (@Sendable (ConfigReader, DecoderSpecification) throws(ModelError) -> VisionSpecification)? =
            nil,
        writing dialect: GGUFDialect? = nil
    ) {
        self.name = name
        self.huggingFace = huggingFace
        self.gguf = gguf
        self.vision = vision
        self.dialect = dialect
    }

    typealias Form<Reader> = FamilyForm<Reader, WeightNames, DecoderSpecification>

    /// Every family that Nuthatch knows.
    package static let all: [ModelFamily] = [
        .llama, .mistral, .mixtral, .smolLM3, .qwen2, .qwen3, .qwen3MoE, .gemma2, .gemma3, .phi3, .olmo2,
        .granite, .starCoder2,
        .gpt2,
        .gptBigCode, .gptNeoX, .opt, .falcon, .deepSeekV2, .deepSeekV3, .qwen2VL, .qwen25VL,
    ]
}

extension ModelFamily {
    /// The entry of `architectures` in config.json.
    package var huggingFaceArchitecture: String { huggingFace.architecture }
    /// `general.architecture` of GGUF files; nil where they name another family.
    package var ggufArchitecture: String? { gguf?.architecture }
    /// Whether a GGUF file can be written from a Hugging Face directory.
    package var isWritable: Bool { dialect != nil }
}

extension ModelFamily {
    /// Whether directories of a family have a vision tower.
    package static func readsImages(_ family: String) -> Bool {
        all.contains { $0.name == family && $0.vision != nil }
    }
}
