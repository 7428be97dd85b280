/// Position interpolation (arXiv:2306.15595): every frequency divided by one factor, so that `factor` times as
/// many positions fit the angles seen in training.
package struct LinearScaling: Sendable, Equatable {
    package var factor: Double

    package init(factor: Double) {
        self.factor = factor
    }

    func table(_ frequencies: [Double]) -> RotaryTable {
        RotaryTable(frequencies.map { $0 / factor })
    }
}
