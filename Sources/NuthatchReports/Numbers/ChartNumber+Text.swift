extension ChartNumber {
    /// A number where it stands alone: in a table, in a sentence.
    package func text(_ value: Double) -> String {
        switch self {
        case .plain: DecimalText.significant(value, digits: 4)
        // Whole to the last digit.
        case .count: DecimalText.significant(value, digits: value.magnitude >= 1000 ? 15 : 4)
        case .bytes, .seconds, .share: short(value, digits: 3)
        }
    }

    /// Numbers along an axis: short, in one form, and no two alike.
    package func texts(ofTicks values: [Double]) -> [String] {
        if case .plain = self {
            if let texts = Self.aligned(values) { return texts }
            // Ticks that need exponents all have them.
            let sizes = values.map(\.magnitude).filter { $0 > 0 }
            if let least = sizes.min(), let most = sizes.max(),
                least < 1e-4 || most >= 1e9 || most / least >= 1e8
            {
                return values.map { DecimalText.scientific($0, digits: 4) }
            }
        }
        for digits in 3..<15 {
            let texts = values.map { short($0, digits: digits) }
            if Set(texts).count == Set(values).count { return texts }
        }
        return values.map { short($0, digits: 15) }
    }

    /// As many digits behind the point for each as the one that needs the most; nil where there are too many.
    private static func aligned(_ values: [Double]) -> [String]? {
        guard let first = values.first, let last = values.last else { return [] }
        // Ticks of a logarithmic axis span more than digits can.
        guard values.allSatisfy({ $0 == 0 || (1e-4..<1e7).contains($0.magnitude) }),
            max(first.magnitude, last.magnitude) / max(min(first.magnitude, last.magnitude), 1e-3) < 1e6
        else { return nil }
        let steps = zip(values, values.dropFirst()).map { $1 - $0 }
        guard let smallest = steps.min(), smallest > 0, (steps.max() ?? 0) < 1.5 * smallest else {
            return nil
        }
        for digits in 0..<9 {
            let power = DecimalScale.power(digits)
            let isExact = values.allSatisfy {
                (($0 * power).rounded() / power - $0).magnitude < smallest / 1000
            }
            if isExact { return values.map { $0 == 0 ? "0" : DecimalText.fixed($0, digits: digits) } }
        }
        return nil
    }

    private func short(_ value: Double, digits: Int) -> String {
        switch self {
        case .plain: DecimalText.significant(value, digits: digits)
        case .bytes: Self.scaled(value, Self.byteUnits, digits: digits)
        case .count: Self.scaled(value, Self.countUnits, digits: digits)
        case .seconds: Self.scaled(value, Self.secondUnits, digits: digits)
        case .share: DecimalText.significant(value * 100, digits: digits) + (value.isFinite ? " %" : "")
        }
    }

    /// A number in the largest unit that it has at least one of.
    private static func scaled(_ value: Double, _ units: [(Double, String)], digits: Int) -> String {
        guard value.isFinite, value != 0 else { return DecimalText.significant(value, digits: digits) }
        // What rounds to 1,000 of a unit is one of the next.
        let magnitude = value.magnitude * (1 + 0.5 / DecimalScale.power(digits - 1))
        let (size, unit) = units.last { magnitude >= $0.0 } ?? units[0]
        return DecimalText.significant(value / size, digits: digits) + unit
    }

    private static let byteUnits = [
        (1, " B"), (1e3, " kB"), (1e6, " MB"), (1e9, " GB"), (1e12, " TB"), (1e15, " PB"),
    ]
    private static let countUnits = [(1, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")]
    private static let secondUnits = [(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1, " s")]
}
