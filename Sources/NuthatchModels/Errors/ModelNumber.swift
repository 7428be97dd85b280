/// A range that a number of a model's header must be in to mean anything, from what is published and far beyond it.
///
/// Sizes and counts have `ModelLimit`. Outside of these ranges a model computes infinities, or noise.
package enum ModelNumber: String, CaseIterable, Sendable {
    case epsilon
    case rotaryBase
    case rotaryShare
    case stretch
    case attentionFactor
    case magnitudeWeight
    case logMultiplier
    case rampTurns
    case frequencyFactor
    case softcap
    case clamp
    case multiplier
    case scoreScale
    case scoreWidth
    case widthRatio

    /// The range, of which both ends may be.
    package var range: ClosedRange<Double> {
        switch self {
        // 1e-5 and 1e-6, 1e-12 in BERT; added to a mean square of about 1.
        case .epsilon: 1e-20...0.1
        // 10,000 at first, 8e9 the largest published; at 1 all pairs turn alike.
        case .rotaryBase: 1...1e15
        // A quarter in Pythia.
        case .rotaryShare: 1e-3...1
        // 2 to 64; a context of 2^24 tokens is the longest there may be.
        case .stretch: 1e-3...1e7
        // 1 to 2.
        case .attentionFactor: 1e-3...1e3
        // 0.707 and 1 in DeepSeek; 0 says none.
        case .magnitudeWeight: 0...1e3
        // A tenth of the difference of two such weights, so of either sign.
        case .logMultiplier: -1e3...1e3
        // 32 and 1.
        case .rampTurns: 1e-6...1e6
        // 1 and 4 in Llama 3; LongRoPE's lists reach about 100.
        case .frequencyFactor: 1e-6...1e9
        // 30 and 50 in Gemma 2.
        case .softcap: 1e-3...1e6
        // 8 in OLMo and DBRX; 0 says none.
        case .clamp: 0...1e6
        // 0.22 to 16 in Granite, 62 in the largest Gemma.
        case .multiplier: 1e-6...1e6
        // 0.0078 to 1.
        case .scoreScale: 1e-6...1e3
        // 128 to 256 in Gemma: a score is divided by its square root.
        case .scoreWidth: 1e-3...1e9
        // 4.
        case .widthRatio: 1e-3...1e3
        }
    }

    /// What it is, with its article.
    package var phrase: String {
        switch self {
        case .epsilon: "an epsilon"
        case .rotaryBase: "a rotary base"
        case .rotaryShare: "a share of a head that turns"
        case .stretch: "a factor of rotary scaling"
        case .attentionFactor: "a factor on cosines and sines"
        case .magnitudeWeight: "a weight of YaRN's factor on scores"
        case .logMultiplier: "a multiplier of the logarithm of YaRN's factor"
        case .rampTurns: "a bound of YaRN's ramp, in turns,"
        case .frequencyFactor: "a factor of rotary frequencies"
        case .softcap: "a cap"
        case .clamp: "a bound of queries, keys and values"
        case .multiplier: "a multiplier"
        case .scoreScale: "a scale of scores"
        case .scoreWidth: "a width that scores are scaled by"
        case .widthRatio: "a ratio of widths"
        }
    }

    /// - Throws: `ModelError.numberOutOfRange`, for what is no number too.
    func check(_ value: Double, file: String, field: String) throws(ModelError) {
        guard range.contains(value) else {
            throw .numberOutOfRange(file: file, field: field, found: value, range: self)
        }
    }
}
