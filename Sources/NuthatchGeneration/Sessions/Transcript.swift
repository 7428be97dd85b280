package import NuthatchTensors

/// What a conversation has said so far, as text and as the tokens that were computed for it.
///
/// A chat template renders the whole conversation anew each turn. Tokenising that text again could split the
/// answer differently from the way the model generated it, and every token after the difference would have to be
/// computed again. So where the new text begins with the old, the old tokens stand and only the rest is tokenised.
package struct Transcript {
    package init() {}

    /// The text as bytes: a token may stand for part of a character.
    package private(set) var text: [UInt8] = []
    package private(set) var tokens: [TokenID] = []

    /// The tokens of `rendered`, continuing the known ones where the text allows it.
    ///
    /// - Parameter endsAtBoundary: whether the known text ends with a special token, so that nothing of what
    ///   follows could have merged with it.
    /// - Parameter encode: tokenises text; `true` for a whole prompt, `false` for a continuation.
    package func tokens<Failure: Error>(
        of rendered: String, endsAtBoundary: Bool, encode: (String, Bool) throws(Failure) -> [TokenID]
    ) throws(Failure) -> [TokenID] {
        guard endsAtBoundary, !tokens.isEmpty, rendered.utf8.starts(with: text) else {
            return try encode(rendered, true)
        }
        let rest = String(decoding: rendered.utf8.dropFirst(text.count), as: UTF8.self)
        return tokens + (try encode(rest, false))
    }

    /// Replaces everything: a prompt that is about to be computed.
    package mutating func begin(text: String, tokens: [TokenID]) {
        self.text = Array(text.utf8)
        self.tokens = tokens
    }

    /// Adds one generated token and the bytes it stands for, special tokens spelled out.
    package mutating func append(_ token: TokenID, bytes: [UInt8]) {
        tokens.append(token)
        text += bytes
    }
}
