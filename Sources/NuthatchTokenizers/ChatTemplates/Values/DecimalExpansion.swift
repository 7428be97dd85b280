/// Every decimal digit of a binary fraction, for rounding and for `%.2f`: a double is a whole number times a
/// power of two, and halving a decimal number only appends digits.
struct DecimalExpansion {
    /// Digits of |value|, most significant first.
    private var digits: [UInt8]
    /// How many of them stand before the point.
    private var wholeCount: Int

    /// `value` is finite. At most about 1,100 digits.
    init(_ value: Double) {
        digits = String(value.significandBits).utf8.map { $0 - 48 }
        wholeCount = digits.count
        var exponent = value.binaryExponentOfSignificandBits
        while exponent > 0 {
            double()
            exponent -= 1
        }
        while exponent < 0 {
            halve()
            exponent += 1
        }
    }

    private mutating func double() {
        var carry: UInt8 = 0
        for index in digits.indices.reversed() {
            let doubled = digits[index] * 2 + carry
            digits[index] = doubled % 10
            carry = doubled / 10
        }
        if carry > 0 {
            digits.insert(carry, at: 0)
            wholeCount += 1
        }
    }

    private mutating func halve() {
        var remainder: UInt8 = 0
        for index in digits.indices {
            let value = remainder * 10 + digits[index]
            digits[index] = value / 2
            remainder = value % 2
        }
        if remainder > 0 { digits.append(5) }
    }

    /// With `fractionCount` digits after the point, rounded to nearest, ties to even.
    func text(fractionCount: Int) -> String {
        var kept = Array(digits.prefix(wholeCount + fractionCount))
        kept += Array(repeating: 0, count: wholeCount + fractionCount - kept.count)
        let dropped = digits.dropFirst(wholeCount + fractionCount)
        if let first = dropped.first {
            let isAboveHalf = first > 5 || (first == 5 && dropped.dropFirst().contains { $0 > 0 })
            if isAboveHalf || (first == 5 && (kept.last ?? 0) % 2 == 1) { increment(&kept) }
        }
        let wholeLength = kept.count - fractionCount
        let whole = kept[..<wholeLength].drop { $0 == 0 }
        let text = whole.isEmpty ? "0" : String(decoding: whole.map { $0 + 48 }, as: UTF8.self)
        guard fractionCount > 0 else { return text }
        return text + "." + String(decoding: kept[wholeLength...].map { $0 + 48 }, as: UTF8.self)
    }

    private func increment(_ digits: inout [UInt8]) {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }
}

extension Double {
    /// The value is `significandBits * 2^binaryExponentOfSignificandBits`.
    fileprivate var significandBits: UInt64 {
        isNormal ? significandBitPattern | (1 << 52) : significandBitPattern
    }

    fileprivate var binaryExponentOfSignificandBits: Int {
        (isNormal ? Int(exponentBitPattern) : 1) - 1075
    }

    /// With a fixed count of digits after the point, as `'%.2f'` writes it.
    func fixedText(fractionCount: Int) -> String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        return (sign == .minus ? "-" : "") + DecimalExpansion(self).text(fractionCount: fractionCount)
    }

    /// `round(value, n)` of Python: exact decimal value, ties to even.
    func rounded(fractionCount: Int) -> Double {
        guard isFinite else { return self }
        if fractionCount >= 0 {
            guard fractionCount <= 323 else { return self }
            return Double(fixedText(fractionCount: fractionCount)) ?? self
        }
        guard fractionCount >= -308 else { return 0 }
        var power = 1.0
        for _ in 0..<(-fractionCount) { power *= 10 }
        return (self / power).rounded(.toNearestOrEven) * power
    }
}
