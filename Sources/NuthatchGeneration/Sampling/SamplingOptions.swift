public import NuthatchTensors

/// How the next token is chosen from the logits. Cannot be invalid: the initialiser refuses.
///
/// The steps run in this order, as in Hugging Face's `generate`: repetition penalty, temperature, top-k, top-p,
/// min-p, then one draw. Temperature 0 takes the largest logit and draws nothing.
public struct SamplingOptions: Sendable, Equatable {
    /// Divides the logits; 0 is greedy. 0...100, default 0.
    public let temperature: Float
    /// Keeps the k most probable tokens; nil keeps all. At least 1.
    public let topK: Int?
    /// Keeps the smallest set of most probable tokens whose probabilities reach this sum; nil keeps all. (0, 1].
    public let topP: Float?
    /// Drops tokens less probable than this share of the most probable one's; nil drops none. [0, 1].
    public let minP: Float?
    /// Divides positive and multiplies negative logits of tokens already seen (arXiv:1909.05858); 1 changes
    /// nothing. 0.01...100, default 1.
    public let repetitionPenalty: Float
    /// Starts the random stream; the same seed, prompt and options give the same answer. Default 0.
    public let seed: UInt64

    /// The most probable token, always.
    public static let greedy = SamplingOptions(
        temperature: 0, topK: nil, topP: nil, minP: nil, repetitionPenalty: 1, seed: 0, ())

    private init(
        temperature: Float, topK: Int?, topP: Float?, minP: Float?, repetitionPenalty: Float, seed: UInt64,
        _: ()
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.seed = seed
    }

    /// Makes sampling options.
    ///
    /// - Throws: `NuthatchError` (usage) naming the option and its range.
    public init(
        temperature: Float = 0, topK: Int? = nil, topP: Float? = nil, minP: Float? = nil,
        repetitionPenalty: Float = 1, seed: UInt64 = 0
    ) throws(NuthatchError) {
        func require(_ holds: Bool, _ name: String, _ value: String, _ range: String) throws(NuthatchError) {
            guard holds else {
                throw NuthatchError(
                    code: .usage, message: "The \(name) \(value) is out of range.",
                    remedy: "Choose \(range).")
            }
        }
        try require((0...100).contains(temperature), "temperature", "\(temperature)", "0 (greedy) to 100")
        if let topK { try require(topK >= 1, "top-k", "\(topK)", "1 or more") }
        if let topP { try require(topP > 0 && topP <= 1, "top-p", "\(topP)", "more than 0, at most 1") }
        if let minP { try require((0...1).contains(minP), "min-p", "\(minP)", "0 to 1") }
        try require(
            (0.01...100).contains(repetitionPenalty), "repetition penalty", "\(repetitionPenalty)",
            "0.01 to 100; 1 changes nothing")
        self.init(
            temperature: temperature, topK: topK, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty, seed: seed, ())
    }
}
