/// What an answer cost: tokens by origin, times, bytes. Every number was counted or measured, none estimated.
public struct GenerationReport: Sendable, Equatable {
    /// Why the answer ended.
    public enum FinishReason: String, Sendable {
        /// The model ended its turn.
        case endOfTurn = "end_of_turn"
        /// A stop string was reached.
        case stopString = "stop_string"
        /// The limit of new tokens was reached.
        case maximumNewTokens = "max_new_tokens"
        /// The context or the cache's capacity was full.
        case contextFull = "context_full"
        /// The reader stopped listening.
        case cancelled
    }

    /// Tokens of the prompt, cached ones included.
    public internal(set) var promptTokenCount = 0
    /// Prompt tokens whose keys and values were taken from the cache (hits).
    public internal(set) var cachedTokenCount = 0
    /// Tokens generated, the one that ended the turn included.
    public internal(set) var generatedTokenCount = 0
    /// Computing the prompt's missing tokens.
    public internal(set) var prefillDuration: Duration = .zero
    /// Computing the generated tokens after the first.
    public internal(set) var decodeDuration: Duration = .zero
    /// Bytes of keys and values held when the answer ended.
    public internal(set) var kvByteCount = 0
    /// Numbers of keys that were beyond the largest of their storage and stand in the cache as that one: 65504 in half
    /// floats. An answer with any is not to be trusted: hold keys as bf16 or f32.
    public internal(set) var saturatedKeyCount = 0
    /// Numbers of values that were beyond the largest of their storage, counted as for keys.
    public internal(set) var saturatedValueCount = 0
    /// Why the answer ended.
    public internal(set) var finishReason = FinishReason.cancelled

    /// Prompt tokens computed per second; nil where none was.
    public var prefillTokensPerSecond: Double? {
        rate(promptTokenCount - cachedTokenCount, over: prefillDuration)
    }

    /// Generated tokens per second, the first left out (prefill computed it); nil for fewer than two.
    public var decodeTokensPerSecond: Double? { rate(generatedTokenCount - 1, over: decodeDuration) }

    private func rate(_ count: Int, over duration: Duration) -> Double? {
        let seconds = duration / .seconds(1)
        return count > 0 && seconds > 0 ? Double(count) / seconds : nil
    }
}
