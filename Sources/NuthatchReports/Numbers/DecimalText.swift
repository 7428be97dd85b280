/// Numbers as decimal digits, with commas between thousands.
package enum DecimalText {
    /// From here on numbers are written with an exponent: 15 digits are what a Double keeps.
    private static let plainLimit = 1e15

    /// A number with so many digits behind the point, at most 9; with an exponent where it is too large for that.
    package static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return unwritable(value) }
        guard value.magnitude < plainLimit else { return scientific(value, digits: 4) }
        var digits = max(0, min(digits, 9))
        // Whole numbers below 2^53 are exact in a Double.
        while digits > 0, value.magnitude * DecimalScale.power(digits) >= 9e15 { digits -= 1 }
        let scaled = UInt64((value.magnitude * DecimalScale.power(digits)).rounded())
        let unit = (0..<digits).reduce(UInt64(1)) { unit, _ in unit * 10 }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + grouped(scaled) }
        let fraction = String(scaled % unit)
        return sign + grouped(scaled / unit) + "."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// A number rounded to so many digits that count, without zeros behind them; whole numbers stay whole.
    package static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return unwritable(value) }
        guard value != 0 else { return "0" }
        let exponent = DecimalScale.decade(value.magnitude)
        guard exponent >= -4, value.magnitude < plainLimit else { return scientific(value, digits: digits) }
        return trimmed(fixed(value, digits: max(0, digits - 1 - exponent)))
    }

    /// "1.25e-7".
    package static func scientific(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return unwritable(value) }
        guard value != 0 else { return "0" }
        var exponent = DecimalScale.decade(value.magnitude)
        // Two steps: the power of what is smallest lies beyond the largest number.
        let half = exponent / 2
        var mantissa = value / DecimalScale.power(half) / DecimalScale.power(exponent - half)
        if mantissa.magnitude * DecimalScale.power(digits - 1) + 0.5 >= DecimalScale.power(digits) {
            mantissa /= 10
            exponent += 1
        }
        return trimmed(fixed(mantissa, digits: digits - 1)) + "e\(exponent)"
    }

    /// Words for what isn't a finite number.
    private static func unwritable(_ value: Double) -> String {
        value.isNaN ? "no number" : value < 0 ? "-∞" : "∞"
    }

    private static func grouped(_ value: UInt64) -> String {
        let digits = Array(String(value))
        return digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digits[index])
        }
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        let digits = text.reversed().drop { $0 == "0" }
        return String(String(digits.first == "." ? digits.dropFirst() : digits).reversed())
    }
}
