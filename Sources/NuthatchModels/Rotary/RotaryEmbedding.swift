package import NuthatchTensors

/// Rotary position embeddings (RoFormer, arXiv:2104.09864), described.
///
/// Pair i of a head turns by position * f(i), where f(i) = base^(-2 i / dimension) before scaling.
package struct RotaryEmbedding: Sendable, Equatable {
    /// theta.
    package var base: Double
    /// Elements of a head that turn: the head's dimension, or an even part of it from the front.
    package var dimension: Int
    package var scaling: RotaryScaling
    package var pairing: RotaryPairing
    /// Which pairs turn by which of a token's numbers; nil: all by one.
    package var sections: RotarySections?

    package init(
        base: Double, dimension: Int, scaling: RotaryScaling = .none, pairing: RotaryPairing = .halves,
        sections: RotarySections? = nil
    ) {
        self.base = base
        self.dimension = dimension
        self.scaling = scaling
        self.pairing = pairing
        self.sections = sections
    }

    /// f(i) for each pair, unscaled.
    var unscaledFrequencies: [Double] {
        stride(from: 0, to: dimension, by: 2).map { index in
            1 / RealFunctions.power(base, Double(index) / Double(dimension))
        }
    }

    func validate(headDimension: Int, file: String) throws(ModelError) {
        guard dimension >= 2, dimension <= headDimension, dimension % 2 == 0 else {
            throw .invalid(
                file: file, field: "the rotary dimension",
                reason: "\(dimension) is not even and within 2 to the head dimension \(headDimension)")
        }
        guard base.isFinite, base > 0 else {
            throw .invalid(
                file: file, field: "the rotary base", reason: "is \(base), no finite number above 0")
        }
        try scaling.validate(pairCount: dimension / 2, file: file)
        try sections?.validate(pairCount: dimension / 2, file: file)
        // Each number may be in range and their combination not: a base of 1 has no YaRN ramp.
        let table = table(contextLength: ModelLimit.contextLength.maximum)
        guard table.attentionFactor.isFinite, table.inverseFrequencies.allSatisfy(\.isFinite) else {
            throw .invalid(
                file: file, field: "the rotary scaling", reason: "gives frequencies that are not finite")
        }
    }
}
