import NuthatchCache
import NuthatchTensors

extension SequenceLimit {
    /// Refuses a prompt that leaves no room for an answer.
    ///
    /// - Parameters:
    ///   - imageTokenCount: how many of the prompt's tokens are of images.
    ///   - longestContext: the longest that the model can be loaded for, in tokens.
    /// - Throws: `NuthatchError` (contextFull) with both numbers, and by how much the prompt is too long.
    func checkPrompt(
        tokenCount: Int, imageTokenCount: Int, longestContext: Int
    ) throws(NuthatchError) {
        let most: Int
        let room: String
        let more: String
        switch excess(ofAnswerBehind: tokenCount) {
        case nil: return
        case .context(let length, _):
            most = length - 1
            room = "the context holds \(length), the answer included"
            more =
                longestContext > length
                ? ", or load the model for a longer context (--context), up to \(longestContext)." : "."
        case .capacity(let capacity, _):
            most = capacity
            room = "the cache has room for \(capacity)"
            more = ", or reserve more (--kv-capacity)."
        }
        throw NuthatchError(
            code: .contextFull,
            message: "The prompt has \(Counted.text(tokenCount, "token"))"
                + (imageTokenCount == 0 ? "" : ", \(imageTokenCount) of them its images'") + "; \(room).",
            remedy: "Shorten the prompt by at least \(Counted.text(tokenCount - most, "token"))"
                + (imageTokenCount == 0 ? "" : ", give smaller images") + more)
    }
}
