package import NuthatchTensors

/// A rule about which tokens may come next, or how readily: it changes the logits that a sampler then chooses from.
///
/// A value with nothing shared: a copy of it goes on by itself, as a copy of the answer does that it belongs to.
package protocol LogitProcessor: Sendable {
    /// The one token that comes next, whatever the logits say, so that nothing is drawn; nil where they decide.
    var forcedToken: TokenID? { get }

    /// Changes the logits of the next token, [vocabulary].
    mutating func process(_ logits: inout MutableSpan<Float>)

    /// Takes note of the token that was chosen.
    mutating func accept(_ token: TokenID)
}

extension LogitProcessor {
    package var forcedToken: TokenID? { nil }
    package mutating func accept(_ token: TokenID) {}
}

/// Divides positive and multiplies negative logits of tokens that were there before (CTRL, arXiv:1909.05858).
package struct RepetitionPenalty: LogitProcessor {
    private let penalty: Float
    private var seen: Set<TokenID>

    /// - Parameter tokens: those that the answer follows.
    package init(_ penalty: Float, behind tokens: [TokenID]) {
        self.penalty = penalty
        seen = Set(tokens)
    }

    package func process(_ logits: inout MutableSpan<Float>) {
        for token in seen where logits.indices.contains(Int(token)) {
            let logit = logits[Int(token)]
            logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
        }
    }

    package mutating func accept(_ token: TokenID) { seen.insert(token) }
}

/// Keeps tokens from ever coming.
package struct SuppressedTokens: LogitProcessor {
    private let tokens: [TokenID]

    package init(_ tokens: [TokenID]) { self.tokens = tokens }

    package func process(_ logits: inout MutableSpan<Float>) {
        for token in tokens where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
    }
}

/// Begins an answer with a given token.
package struct ForcedFirstToken: LogitProcessor {
    package private(set) var forcedToken: TokenID?

    package init(_ token: TokenID) { forcedToken = token }

    package func process(_ logits: inout MutableSpan<Float>) {}

    package mutating func accept(_ token: TokenID) { forcedToken = nil }
}
