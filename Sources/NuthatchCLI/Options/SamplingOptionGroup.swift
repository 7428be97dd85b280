import ArgumentParser
import NuthatchGeneration

/// How tokens are chosen, the same on every command that generates.
struct SamplingOptionGroup: ParsableArguments {
    @Option(help: "Divides the logits; 0 always takes the most probable token.")
    var temperature: Float = 0.6

    @Option(name: .customLong("top-k"), help: "Keep the k most probable tokens.")
    var topK: Int?

    @Option(
        name: .customLong("top-p"),
        help: "Keep the most probable tokens up to this sum of probabilities; 1 keeps all.")
    var topP: Float = 0.9

    @Option(name: .customLong("min-p"), help: "Drop tokens below this share of the most probable one.")
    var minP: Float?

    @Option(help: "Penalty on tokens already seen; 1 is none. Default: 1.1, or 1 at temperature 0.")
    var repetitionPenalty: Float?

    @Option(
        help: "Start of the random stream; the same seed gives the same answer.",
        transform: SamplingOptionGroup.seed)
    var seed: UInt64 = 0

    @Option(name: .customLong("max-new-tokens"), help: "The most tokens to generate.")
    var maximumNewTokens: Int?

    @Option(
        name: .customLong("stop"),
        help: "End the answer at this string, of text or special tokens; may be given several times.")
    var stopStrings: [String] = []

    @Flag(help: "Go on after the model ends its turn, until another limit.")
    var ignoreEnd = false

    private static func seed(_ text: String) throws -> UInt64 {
        guard let seed = UInt64(text) else {
            throw ValidationError("choose a whole number from 0 to \(UInt64.max)")
        }
        return seed
    }

    func options(usesCache: Bool = true, readsMarkupInContent: Bool = false) throws -> GenerationOptions {
        try GenerationOptions(
            sampling: SamplingOptions(
                temperature: temperature, topK: topK, topP: topP, minP: minP,
                repetitionPenalty: repetitionPenalty ?? (temperature == 0 ? 1 : 1.1), seed: seed),
            maximumNewTokens: maximumNewTokens, stopStrings: stopStrings, ignoresEndOfTurn: ignoreEnd,
            usesCache: usesCache, readsMarkupInContent: readsMarkupInContent)
    }
}
