import NuthatchTensors

/// NTK-aware scaling that grows with the length (described in YaRN, arXiv:2309.00071, sections 3.1 and 3.3):
///
///     base' = base * (factor * length / original - (factor - 1)) ^ (dimension / (dimension - 2))
///
/// High frequencies stay, low ones stretch. `length` is here the capacity that the model was loaded for, never
/// the current length: see `RotaryScaling.apply`.
package struct DynamicScaling: Sendable, Equatable {
    package var factor: Double
    /// Up to this length nothing changes, in tokens.
    package var originalContextLength: Int

    package init(factor: Double, originalContextLength: Int) {
        self.factor = factor
        self.originalContextLength = originalContextLength
    }

    func table(for rotary: RotaryEmbedding, contextLength: Int) -> RotaryTable {
        let length = Double(max(contextLength, originalContextLength))
        let growth = factor * length / Double(originalContextLength) - (factor - 1)
        let dimension = Double(rotary.dimension)
        var scaled = rotary
        // A head that turns one pair only has f(0) = 1 whatever the base; its exponent would divide by zero.
        if rotary.dimension > 2 { scaled.base *= RealFunctions.power(growth, dimension / (dimension - 2)) }
        return RotaryTable(scaled.unscaledFrequencies)
    }
}
