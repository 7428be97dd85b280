import CNuthatchKernels

/// How scores become probabilities.
package struct AttentionParameters: Sendable, Equatable {
    /// Multiplies every score (usually 1 / sqrt(keyDimension)).
    package var scale: Float
    /// score = cap * tanh(score / cap), after scaling (Gemma 2).
    package var logitSoftcap: Float?

    /// For each query head how much of its output comes from compressive memory, before the logistic function; empty
    /// for layers without.
    package var memoryGates: [Float]
    /// What is added to a score then by how far apart query and key stand; nil where that makes no difference.
    package var positionBias: PositionBias?

    package init(
        scale: Float, logitSoftcap: Float? = nil, memoryGates: [Float] = [],
        positionBias: PositionBias? = nil
    ) {
        self.scale = scale
        self.logitSoftcap = logitSoftcap
        self.memoryGates = memoryGates
        self.positionBias = positionBias
    }

    /// As the kernels take it, for rows whose first query head is `head`.
    func bias(fromHead head: Int) -> nuthatch_distance_bias {
        positionBias?.values(fromHead: head) ?? nuthatch_distance_bias()
    }
}
