import NuthatchTensors

/// YaRN (arXiv:2309.00071): frequencies that turn often within the original length stay, those that turn less
/// than once are divided by `factor`, and those between are mixed along a ramp over the pairs' indices.
package struct YarnScaling: Sendable, Equatable {
    package var factor: Double
    package var originalContextLength: Int
    /// Turns within the original length above which a frequency stays.
    package var fastTurns: Double
    /// Turns below which a frequency is divided.
    package var slowTurns: Double
    /// The ramp's ends are rounded outwards to whole pairs.
    package var roundsRamp: Bool
    /// Multiplies cosines and sines; nil is `magnitude(factor)`, the paper's 0.1 ln(factor) + 1.
    package var attentionFactor: Double?

    package init(
        factor: Double, originalContextLength: Int, fastTurns: Double = 32, slowTurns: Double = 1,
        roundsRamp: Bool = true, attentionFactor: Double? = nil
    ) {
        self.factor = factor
        self.originalContextLength = originalContextLength
        self.fastTurns = fastTurns
        self.slowTurns = slowTurns
        self.roundsRamp = roundsRamp
        self.attentionFactor = attentionFactor
    }

    /// 0.1 * weight * ln(factor) + 1, and 1 where nothing is stretched.
    package static func magnitude(_ factor: Double, weight: Double = 1) -> Double {
        factor <= 1 ? 1 : 0.1 * weight * RealFunctions.logarithm(factor) + 1
    }

    func table(_ frequencies: [Double], base: Double) -> RotaryTable {
        let ramp = ramp(pairCount: frequencies.count, base: base)
        let mixed = frequencies.enumerated().map { pair, frequency in
            let share = min(max((Double(pair) - ramp.lower) / (ramp.upper - ramp.lower), 0), 1)
            return frequency / factor * share + frequency * (1 - share)
        }
        return RotaryTable(mixed, attentionFactor: attentionFactor ?? Self.magnitude(factor))
    }

    /// The pairs between which frequencies go from kept to divided.
    private func ramp(pairCount: Int, base: Double) -> (lower: Double, upper: Double) {
        // Pair i turns length * base^(-2 i / dimension) / 2 pi times; solved for i.
        func pair(turning turns: Double) -> Double {
            let wavelength = Double(originalContextLength) / (turns * 2 * .pi)
            return Double(pairCount) * RealFunctions.logarithm(wavelength) / RealFunctions.logarithm(base)
        }
        var lower = pair(turning: fastTurns)
        var upper = pair(turning: slowTurns)
        if roundsRamp { (lower, upper) = (lower.rounded(.down), upper.rounded(.up)) }
        lower = max(lower, 0)
        upper = min(upper, Double(2 * pairCount - 1))
        return (lower, lower == upper ? upper + 0.001 : upper)
    }

    var numbers: [Double] {
        [factor, Double(originalContextLength), fastTurns, slowTurns] + (attentionFactor.map { [$0] } ?? [])
    }
}
