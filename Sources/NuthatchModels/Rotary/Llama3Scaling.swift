/// Llama 3.1's scaling (arXiv:2407.21783; formula in meta-llama/llama-models, `apply_scaling`): by wavelength,
/// short ones stay, long ones are divided by `factor`, those between are mixed.
package struct Llama3Scaling: Sendable, Equatable {
    package var factor: Double
    /// Wavelengths above originalContextLength / lowFrequencyFactor are divided.
    package var lowFrequencyFactor: Double
    /// Wavelengths below originalContextLength / highFrequencyFactor stay.
    package var highFrequencyFactor: Double
    package var originalContextLength: Int

    package init(
        factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContextLength: Int
    ) {
        self.factor = factor
        self.lowFrequencyFactor = lowFrequencyFactor
        self.highFrequencyFactor = highFrequencyFactor
        self.originalContextLength = originalContextLength
    }

    func table(_ frequencies: [Double]) -> RotaryTable {
        let length = Double(originalContextLength)
        return RotaryTable(
            frequencies.map { frequency in
                let wavelength = 2 * .pi / frequency
                if wavelength > length / lowFrequencyFactor { return frequency / factor }
                if wavelength < length / highFrequencyFactor { return frequency }
                let share =
                    (length / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
                return (1 - share) * frequency / factor + share * frequency
            })
    }

    var numbers: [Double] {
        [factor, lowFrequencyFactor, highFrequencyFactor, Double(originalContextLength)]
    }
}
