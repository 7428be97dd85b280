/// A family of encoder-decoders: how config.json of a Hugging Face directory describes its two halves.
///
/// Adding one: a file beside this one with a static constant, a line in `all`, goldens from Scripts/goldens.
package struct EncoderDecoderFamily: Sendable {
    /// As people write it.
    package let name: String
    /// The entry of `architectures` in config.json.
    package let architecture: String
    let names: @Sendable (ConfigReader) throws(ModelError) -> Names
    let read: @Sendable (ConfigReader) throws(ModelError) -> EncoderDecoderSpecification

    /// What files call the tensors of each half.
    struct Names: Sendable {
        var encoder: WeightNames
        var decoder: WeightNames
    }

    init(
        name: String, architecture: String,
        names: @escaping @Sendable (ConfigReader) throws(ModelError) -> Names,
        read: @escaping @Sendable (ConfigReader) throws(ModelError) -> EncoderDecoderSpecification
    ) {
        self.name = name
        self.architecture = architecture
        self.names = names
        self.read = read
    }

    /// Every family that Nuthatch knows.
    package static let all: [EncoderDecoderFamily] = [.t5, .bart, .marian]

    static func named(_ architecture: String) -> EncoderDecoderFamily? {
        all.first { $0.architecture == architecture }
    }
}
