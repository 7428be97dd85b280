/// From values to places along an axis: 0 at its beginning, 1 at its end.
package struct ChartScale: Equatable, Sendable {
    package let range: ClosedRange<Double>
    package let isLogarithmic: Bool
    /// What ticks may not be closer than.
    private let leastStep: Double

    /// A scale that shows all values.
    ///
    /// - Parameters:
    ///   - values: Finite, and positive on a logarithmic axis (`PlottedChart` has no others).
    ///   - roundedTo: The number of ticks whose outermost become the ends of the axis; nil for an axis that ends with
    ///     the values.
    package init(
        _ axis: ChartAxis, values: [Double], includesZero: Bool = false, roundedTo tickCount: Int? = nil
    ) {
        isLogarithmic = axis.scale == .logarithmic
        let includesZero = (includesZero || axis.includesZero) && !isLogarithmic
        let low = values.reduce(includesZero ? 0 : .infinity, min)
        let high = values.reduce(includesZero ? 0 : -.infinity, max)
        leastStep = tickCount == nil && !isLogarithmic && values.allSatisfy { $0 == $0.rounded() } ? 1 : 0
        let covered = Self.widened(low, high, isLogarithmic: isLogarithmic)
        guard let tickCount else {
            range = covered
            return
        }
        range = isLogarithmic ? Self.roundedRatio(covered) : Self.rounded(covered, tickCount: tickCount)
    }

    /// Where a value lies; 0 for one that has no place.
    package func position(_ value: Double) -> Double {
        guard isLogarithmic else {
            return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        }
        guard value > 0 else { return 0 }
        let low = DecimalScale.logarithm(range.lowerBound)
        return (DecimalScale.logarithm(value) - low) / (DecimalScale.logarithm(range.upperBound) - low)
    }

    package func ticks(atMost count: Int) -> [Double] {
        isLogarithmic
            ? ChartTicks.logarithmic(range, atMost: count)
            : ChartTicks.linear(range, atMost: count, leastStep: leastStep)
    }

    /// What can be divided by: values that are all alike get room on both sides.
    private static func widened(_ low: Double, _ high: Double, isLogarithmic: Bool) -> ClosedRange<Double> {
        guard low <= high else { return isLogarithmic ? 1...10 : 0...1 }
        if isLogarithmic { return high > low * 1.000001 ? low...high : (low / 2)...(high * 2) }
        let size = max(low.magnitude, high.magnitude)
        // Closer ones can't be told apart by the digits of a tick.
        guard high - low <= size * 1e-9 else { return low...high }
        return size == 0 ? 0...1 : (low - size / 10)...(high + size / 10)
    }

    private static func rounded(_ range: ClosedRange<Double>, tickCount: Int) -> ClosedRange<Double> {
        let step = ChartTicks.step(of: range.upperBound - range.lowerBound, atMost: tickCount)
        let low = (range.lowerBound / step + 1e-9).rounded(.down) * step
        let high = (range.upperBound / step - 1e-9).rounded(.up) * step
        return min(low, range.lowerBound)...max(high, range.upperBound)
    }

    private static func roundedRatio(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let below = DecimalScale.power(DecimalScale.decade(range.lowerBound))
        let above = DecimalScale.power(DecimalScale.decade(range.upperBound))
        let low = [5.0, 2, 1].map { $0 * below }.first { $0 <= range.lowerBound } ?? range.lowerBound
        let high = [1.0, 2, 5, 10].map { $0 * above }.first { $0 >= range.upperBound } ?? range.upperBound
        return low...high
    }
}
