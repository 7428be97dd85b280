/// Powers and logarithms of ten, by additions and multiplications alone: the same on every machine.
package enum DecimalScale {
    /// 10 to a power; 0 or infinite where no number is so small or so large.
    package static func power(_ exponent: Int) -> Double {
        Double("1e\(exponent)") ?? 0
    }

    /// The logarithm to base 10 of a positive finite number, within a few units in its last place.
    package static func logarithm(_ value: Double) -> Double {
        var exponent = Double(value.exponent)
        var significand = value.significand
        // Between the roots of 1/2 and 2 the series below needs the fewest terms.
        if significand > 1.4142135623730951 {
            significand /= 2
            exponent += 1
        }
        // ln m = 2 artanh((m - 1) / (m + 1)); the fraction is at most 0.172, so eleven terms reach 1e-17.
        let fraction = (significand - 1) / (significand + 1)
        let square = fraction * fraction
        var sum = 0.0
        for term in stride(from: 21, through: 1, by: -2) { sum = sum * square + 1 / Double(term) }
        return (2 * fraction * sum + exponent * 0.6931471805599453) / 2.302585092994046
    }

    /// The largest whole power of ten's exponent that is not above a positive finite number.
    package static func decade(_ value: Double) -> Int {
        var exponent = Int(logarithm(value).rounded(.down))
        while power(exponent) > value { exponent -= 1 }
        while power(exponent + 1) <= value { exponent += 1 }
        return exponent
    }
}
