public import NuthatchTensors

/// How an answer is generated. Cannot be invalid: the initialiser refuses.
public struct GenerationOptions: Sendable, Equatable {
    /// How tokens are chosen. Default: greedy.
    public let sampling: SamplingOptions
    /// The most tokens an answer may have; nil lets it run to the end of the turn or of the context.
    public let maximumNewTokens: Int?
    /// Strings that end the answer; they are not part of it. At most 16, none empty. Special tokens count as they are
    /// spelled (`<|im_end|>`), though no answer shows them; a string may hold both text and special tokens.
    public let stopStrings: [String]
    /// Goes on after the model ends its turn, until another limit. Default false.
    public let ignoresEndOfTurn: Bool
    /// Off recomputes the whole sequence for every token, to compare with: same tokens, same bits, much slower.
    public let usesCache: Bool
    /// Reads markup such as `<|im_end|>` in messages, tools and documents as the tokens it names, as `transformers` does.
    /// Default false: only the chat template's own text has markup, so that what a user writes can't end a turn or begin
    /// another. Answers keep the tokens they were generated with either way.
    public let readsMarkupInContent: Bool

    /// Most stop strings an answer may have.
    public static let maximumStopStringCount = 16

    /// Greedy to the end of the turn.
    public static let `default` = GenerationOptions(.greedy, nil, [], false, true, false)

    private init(
        _ sampling: SamplingOptions, _ maximum: Int?, _ stops: [String], _ ignoresEnd: Bool,
        _ usesCache: Bool,
        _ readsMarkup: Bool
    ) {
        self.sampling = sampling
        maximumNewTokens = maximum
        stopStrings = stops
        ignoresEndOfTurn = ignoresEnd
        self.usesCache = usesCache
        readsMarkupInContent = readsMarkup
    }

    /// Makes generation options.
    ///
    /// - Throws: `NuthatchError` (usage) naming the option and its limit.
    public init(
        sampling: SamplingOptions = .greedy, maximumNewTokens: Int? = nil, stopStrings: [String] = [],
        ignoresEndOfTurn: Bool = false, usesCache: Bool = true, readsMarkupInContent: Bool = false
    ) throws(NuthatchError) {
        if let maximumNewTokens, maximumNewTokens < 1 {
            throw NuthatchError(
                code: .usage, message: "The limit of new tokens is \(maximumNewTokens).",
                remedy: "Choose 1 or more, or leave it out.")
        }
        guard stopStrings.count <= Self.maximumStopStringCount else {
            throw NuthatchError(
                code: .usage,
                message: "\(stopStrings.count) stop strings were given.",
                remedy: "Give at most \(Self.maximumStopStringCount).")
        }
        guard !stopStrings.contains("") else {
            throw NuthatchError(
                code: .usage,
                message: "A stop string is empty.",
                remedy: "Give each at least one character, or leave it out.")
        }
        self.init(
            sampling, maximumNewTokens, stopStrings, ignoresEndOfTurn, usesCache, readsMarkupInContent)
    }
}
