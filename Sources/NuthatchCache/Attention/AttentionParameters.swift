/// How scores become probabilities.
package struct AttentionParameters: Sendable, Equatable {
    /// Multiplies every score (usually 1 / sqrt(keyDimension)).
    package var scale: Float
    /// score = cap * tanh(score / cap), after scaling (Gemma 2).
    package var logitSoftcap: Float?

    package init(scale: Float, logitSoftcap: Float? = nil) {
        self.scale = scale
        self.logitSoftcap = logitSoftcap
    }
}
