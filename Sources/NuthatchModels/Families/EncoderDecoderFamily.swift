/// A family of encoder-decoders: how its files, of either kind, describe its two halves.
///
/// Adding one: a file beside this one with a static constant, a line in `all`, goldens from Scripts/goldens.
package struct EncoderDecoderFamily: Sendable {
    /// As people write it.
    package let name: String
    let huggingFace: Form<ConfigReader>
    /// Nil where there are no GGUF files of it.
    let gguf: Form<MetadataReader>?

    init(name: String, huggingFace: Form<ConfigReader>, gguf: Form<MetadataReader>? = nil) {
        self.name = name
        self.huggingFace = huggingFace
        self.gguf = gguf
    }

    /// What files call the tensors of each half.
    struct Names: Sendable {
        var encoder: WeightNames
        var decoder: WeightNames
    }

    typealias Form<Reader> = FamilyForm<Reader, Names, EncoderDecoderSpecification>

    /// Every family that Nuthatch knows.
    package static let all: [EncoderDecoderFamily] = [.t5, .bart, .marian]

    /// By the entry of `architectures` in config.json, or `general.architecture` of a GGUF file.
    static func named(_ architecture: String) -> EncoderDecoderFamily? {
        all.first { $0.huggingFace.architecture == architecture || $0.gguf?.architecture == architecture }
    }
}

extension EncoderDecoderFamily {
    /// The entry of `architectures` in config.json.
    package var huggingFaceArchitecture: String { huggingFace.architecture }
    /// `general.architecture` of GGUF files.
    package var ggufArchitecture: String? { gguf?.architecture }
}
