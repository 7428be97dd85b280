/// Round numbers to mark an axis with: 1, 2 and 5 times powers of ten.
package enum ChartTicks {
    /// The smallest round step of which no more than `count` fit into a span.
    package static func step(of span: Double, atMost count: Int) -> Double {
        let rough = span / Double(max(1, count))
        let power = DecimalScale.power(DecimalScale.decade(rough))
        // A hair of tolerance, for spans that are a round number of steps but for rounding.
        for factor in [1.0, 2, 5] where factor * power >= rough * (1 - 1e-9) { return factor * power }
        return 10 * power
    }

    /// The multiples of a round step in a range, no more than `count`.
    ///
    /// - Parameter leastStep: What a step may not be smaller than, as 1 where only whole numbers mean anything.
    package static func linear(
        _ range: ClosedRange<Double>, atMost count: Int, leastStep: Double = 0
    ) -> [Double] {
        let span = range.upperBound - range.lowerBound
        guard span > 0, count > 0 else { return [range.lowerBound] }
        for allowed in stride(from: count, to: 0, by: -1) {
            let step = max(step(of: span, atMost: allowed), leastStep)
            let first = (range.lowerBound / step - 1e-9).rounded(.up)
            let last = (range.upperBound / step + 1e-9).rounded(.down)
            guard last >= first else { continue }
            let ticks = stride(from: 0, through: min(last - first, Double(count)), by: 1).map {
                multiple(first + $0, of: step)
            }
            if ticks.count <= count { return ticks }
        }
        return []
    }

    /// Round numbers of a logarithmic range, no more than `count`: as many to a decade as fit.
    package static func logarithmic(_ range: ClosedRange<Double>, atMost count: Int) -> [Double] {
        let decades = DecimalScale.decade(range.lowerBound)...DecimalScale.decade(range.upperBound)
        for factors in [[1.0, 2, 5], [1, 3], [1]] {
            let ticks = decades.flatMap { decade in factors.map { $0 * DecimalScale.power(decade) } }
                .filter(range.contains)
            if ticks.count <= count, ticks.count > 1 { return ticks }
        }
        for stride in 2... {
            let ticks = decades.filter { $0.isMultiple(of: stride) }.map(DecimalScale.power)
                .filter(range.contains)
            if ticks.count > count { continue }
            // A range within one decade is marked like a linear one.
            return ticks.count > 1 ? ticks : linear(range, atMost: count)
        }
        return []
    }

    /// A multiple of a round step, which is no more than that: 3 * 0.1 is 0.3.
    private static func multiple(_ count: Double, of step: Double) -> Double {
        // Steps below one are divided by, for their inverses are whole where they themselves are rounded.
        let inverse = (1 / step).rounded()
        return step < 1 && step > 1e-15 && (inverse * step - 1).magnitude < 1e-9
            ? count / inverse : count * step
    }
}
