/// How scores become probabilities.
package struct AttentionParameters: Sendable, Equatable {
    /// Multiplies every score (usually 1 / sqrt(keyDimension)).
    package var scale: Float
    /// score = cap * tanh(score / cap), after scaling (Gemma 2).
    package var logitSoftcap: Float?

    /// For each query head how much of its output comes from compressive memory, before the logistic function; empty
    /// for layers without.
    package var memoryGates: [Float]

    package init(scale: Float, logitSoftcap: Float? = nil, memoryGates: [Float] = []) {
        self.scale = scale
        self.logitSoftcap = logitSoftcap
        self.memoryGates = memoryGates
    }
}
