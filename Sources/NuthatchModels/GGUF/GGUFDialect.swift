import NuthatchCache
import NuthatchTensors

/// How one of llama.cpp's architectures says a decoder in a GGUF file: what `MetadataReader` reads, the other way.
///
/// All share the keys that `MetadataWriter` writes for any decoder; this holds what only some of them read. A decoder
/// that needs more than its dialect says is refused by `GGUFConversion`, which reads back what it would write.
struct GGUFDialect: Sendable {
    /// `general.architecture`.
    let architecture: String
    let names: @Sendable (DecoderSpecification) -> WeightNames
    /// How the elements of a rotary pair lie in the rows of queries and keys.
    var pairing: RotaryPairing = .halves
    var biases = Biases.none
    /// Factors of the embedding, the scores, what sublayers add, and the logits have keys.
    var hasScales = false
    /// Caps of scores and logits have keys.
    var hasSoftcaps = false
    /// Whether sublayers run side by side has a key.
    var statesArrangement = false
    /// How experts are chosen and weighed has keys.
    var statesRouting = false
    /// The output matrix has to be there, even where it is the embedding.
    var needsOutput = false
    var window = Window.none
    /// Rotary factors that have tensors of their own.
    var factors: Set<Factors> = []

    /// Which of a layer's matrices have biases.
    enum Biases: Sendable {
        case none
        /// Queries, keys and values.
        case inputs
        /// All matrices.
        case all
        /// Any.
        case optional
    }

    enum Window: Sendable {
        case none
        /// The window has a key, which llama.cpp does not follow in this architecture.
        case stated
        /// The window has a key that llama.cpp follows; sliding layers share the rotary embedding of full ones.
        case followed
        /// The window has a key that llama.cpp follows, and sliding layers have a rotary base of their own.
        case followedWithOwnBase
    }

    enum Factors: Sendable {
        /// rope_freqs.weight
        case divisors
        /// rope_factors_short.weight and rope_factors_long.weight
        case long
    }

    init(
        _ architecture: String, names: WeightNames = .gguf, _ adjust: (inout GGUFDialect) -> Void = { _ in }
    ) {
        self.init(architecture, names: { _ in names }, adjust)
    }

    /// Where the names depend on the decoder.
    init(
        _ architecture: String, names: @escaping @Sendable (DecoderSpecification) -> WeightNames,
        _ adjust: (inout GGUFDialect) -> Void = { _ in }
    ) {
        self.architecture = architecture
        self.names = names
        adjust(&self)
    }
}

extension GGUFDialect.Biases {
    /// Whether a decoder with these biases is one of the architecture.
    func allow(_ specification: DecoderSpecification) -> Bool {
        let inputs = specification.attention.hasInputBias
        let others = [specification.attention.hasOutputBias, specification.feedForward.hasBias]
        switch self {
        case .none: return !inputs && others == [false, false]
        case .inputs: return inputs && others == [false, false]
        case .all: return inputs && others == [true, true]
        case .optional: return true
        }
    }
}

extension WeightNames {
    /// GGUF's names where queries, keys and values lie in one tensor.
    static let ggufFused = gguf.fusing(.queryKeyValue("attn_qkv"))
}
