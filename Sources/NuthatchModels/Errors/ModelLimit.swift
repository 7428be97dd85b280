/// A bound that a model's header must keep, checked before anything is allocated for what it bounds.
///
/// Every product of two sizes below stays far under 2^63, so sizes that passed need no overflow checks.
package enum ModelLimit: String, CaseIterable, Sendable {
    case vocabularySize
    case hiddenSize
    case layerCount
    case headCount
    case headDimension
    case feedForwardSize
    case expertCount
    case totalExpertCount
    case contextLength
    case bucketCount
    case relativeDistance
    case patchLength
    case windowLength

    package var maximum: Int {
        switch self {
        // Gemma 3 has 262,208 tokens, the largest published vocabularies about a million.
        case .vocabularySize: 1 << 22
        // Llama 3.1 405B has 16,384.
        case .hiddenSize: 1 << 17
        // Llama 3.1 405B has 126.
        case .layerCount: 1 << 10
        // Llama 3.1 405B has 128.
        case .headCount: 1 << 10
        // DeepSeek's compressed heads have 576.
        case .headDimension: 1 << 11
        // Llama 3.1 405B has 53,248.
        case .feedForwardSize: 1 << 19
        // DeepSeek-V3 has 256, Qwen3-Next 512.
        case .expertCount: 1 << 12
        // Of all layers; Kimi K2 has 60 times 384.
        case .totalExpertCount: 1 << 16
        // Above 2^24 a position is no longer exact in float32, in which rotary angles are taken.
        case .contextLength: 1 << 24
        // T5 has 32.
        case .bucketCount: 1 << 12
        // T5 has 128.
        case .relativeDistance: 1 << 14
        // Qwen2-VL has 14 pixels, merged by 2 x 2.
        case .patchLength: 1 << 7
        // Qwen2.5-VL has 112 pixels.
        case .windowLength: 1 << 14
        }
    }

    /// What is counted, as an error message says it.
    package var quantity: String {
        switch self {
        case .vocabularySize: "a vocabulary size"
        case .hiddenSize: "a hidden size"
        case .layerCount: "a number of layers"
        case .headCount: "a number of heads"
        case .headDimension: "the size of a head"
        case .feedForwardSize: "a feed-forward size"
        case .expertCount: "a number of experts"
        case .totalExpertCount: "the experts of all layers"
        case .contextLength: "a context length"
        case .bucketCount: "a number of buckets"
        case .relativeDistance: "a relative distance"
        case .patchLength: "the side of a patch"
        case .windowLength: "the side of a window"
        }
    }
}
