import NuthatchTensors

/// LongRoPE (arXiv:2402.13753): every frequency divided by a factor of its own, searched for by evolution; one
/// list for sequences within the original length and one for longer ones.
///
/// The list is chosen by the capacity that the model was loaded for, never by the current length (see
/// `RotaryScaling.apply`): load a model for at most its original length to get the short factors.
package struct LongScaling: Sendable, Equatable {
    package var shortFactors: [Float]
    package var longFactors: [Float]
    package var originalContextLength: Int
    /// Multiplies cosines and sines.
    package var attentionFactor: Double

    package init(
        shortFactors: [Float], longFactors: [Float], originalContextLength: Int, attentionFactor: Double
    ) {
        self.shortFactors = shortFactors
        self.longFactors = longFactors
        self.originalContextLength = originalContextLength
        self.attentionFactor = attentionFactor
    }

    /// sqrt(1 + ln(stretch) / ln(original)), and 1 where nothing is stretched.
    package static func attentionFactor(stretch: Double, originalContextLength: Int) -> Double {
        guard stretch > 1 else { return 1 }
        let original = RealFunctions.logarithm(Double(originalContextLength))
        return (1 + RealFunctions.logarithm(stretch) / original).squareRoot()
    }

    func table(_ frequencies: [Double], contextLength: Int) -> RotaryTable {
        let factors = contextLength > originalContextLength ? longFactors : shortFactors
        return RotaryTable(
            zip(frequencies, factors).map { $0 / Double($1) }, attentionFactor: attentionFactor)
    }

    var numbers: [Double] { [Double(originalContextLength), attentionFactor] }
}
