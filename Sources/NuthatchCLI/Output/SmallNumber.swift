/// A number from 0 on that may be nearly 0, as people read it: divergences.
enum SmallNumber {
    /// "0.0034", "2.0e-5", "0".
    static func text(_ value: Double) -> String {
        if value == 0 { return "0" }
        guard value < 0.001 else { return Quantities.decimal(value, digits: value < 1 ? 4 : 2) }
        var (mantissa, exponent) = (value, 0)
        while mantissa < 1, exponent > -400 {
            mantissa *= 10
            exponent -= 1
        }
        // 9.96 is written as 10.0.
        if mantissa >= 9.95 { (mantissa, exponent) = (1, exponent + 1) }
        return "\(Quantities.decimal(mantissa, digits: 1))e\(exponent)"
    }
}
