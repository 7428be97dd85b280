/// An example that introductions to the KV cache tell, ready to be watched.
public enum ExplanationScenario: String, CaseIterable, Sendable {
    /// 中华人民 is continued to 共和国, with and without the cache.
    case zhonghua
    /// The growing inputs behind a beginning-of-sequence token: what is computed again without a cache.
    case prefixTable = "prefix-table"
    /// A random Llama of two layers that generates without a cache: inputs of 10, 11, 12 and 13 tokens.
    case tinyLlama = "tiny-llama"
    /// A decoder of one head whose cache grows to 10, 11 and 12 tokens, its inputs 10 tokens, then one.
    case decoderWithKVCache = "decoder-with-kv-cache"
    /// One token: its query is used once, its key and its value from then on.
    case oneToken = "one-token"
    /// A thousand tokens with and without the cache: time for each token, flat against growing. See `CacheExperiment`.
    case thousandTokens = "thousand-tokens"

    /// The model that it is told on where nothing else is said; nil where it makes its own.
    public var usualModel: String? {
        switch self {
        case .zhonghua, .prefixTable: "gemma3"
        case .oneToken, .thousandTokens: "smollm2"
        case .tinyLlama, .decoderWithKVCache: nil
        }
    }

    /// One sentence on what is to be seen.
    public var summary: String {
        switch self {
        case .zhonghua: "中华人民 -> 共和国, with and without the cache"
        case .prefixTable: "growing inputs: what is computed again"
        case .tinyLlama: "random weights, no cache: inputs of 10 to 13 tokens"
        case .decoderWithKVCache: "one head: input 10, then 1; cache 10, 11, 12"
        case .oneToken: "Q is used once, K and V by all tokens behind it"
        case .thousandTokens: "time per token, flat against growing"
        }
    }

    /// The text it begins with.
    var prompt: String {
        switch self {
        case .zhonghua: "中华人民"
        case .prefixTable: ""
        case .oneToken: "A nuthatch hides its seeds in the bark of"
        case .thousandTokens: "Once upon a time"
        case .tinyLlama, .decoderWithKVCache: ""
        }
    }

    /// What is given token by token in place of what the model would choose.
    var givenText: String { self == .prefixTable ? "遥遥领" : "" }

    /// Steps where nothing else is said; 0: as many as tokens are given.
    var usualStepCount: Int {
        switch self {
        case .zhonghua: 2
        case .prefixTable: 0
        case .tinyLlama: 4
        case .decoderWithKVCache: 3
        case .oneToken: 4
        case .thousandTokens: 1000
        }
    }
}

/// What to look at.
public struct ExplanationOptions: Sendable, Equatable {
    /// Steps to go; nil: as many as the scenario has, or four.
    public var stepCount: Int?
    /// Which of the two ways of computing is looked at.
    public var ways: Ways = .both
    /// The layer to look at; nil: the last.
    public var layer: Int?
    /// The query head whose scores are told.
    public var head = 0
    /// How the cache holds keys and values.
    public var cache: CacheOptions = .default

    /// Which way of computing.
    public enum Ways: Sendable, Equatable {
        /// With and without the cache, side by side.
        case both
        /// Without the cache alone.
        case uncached
    }

    /// Four steps, or a scenario's own, both ways, the last layer's first head.
    public init() {}
}
