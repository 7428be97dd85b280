/// Filters on numbers.
extension TemplateEvaluator {
    mutating func applyNumeric(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch filter {
        case .int:
            let values = try arguments.bound(to: ["default", "base"])
            let base = try arguments.integer(values[1], named: "base", default: 10)
            return try integer(value, base: base) ?? values[0] ?? .integer(0)
        case .float:
            let values = try arguments.bound(to: ["default"])
            return try float(value) ?? values[0] ?? .float(0)
        case .round: return try rounded(value, arguments)
        default:
            _ = try arguments.bound(to: [])
            if case .undefined(let undefined) = value { throw self.undefined(undefined) }
            if let whole = value.wholeNumber {
                return whole < 0 ? try budget.apply(.subtract, .integer(0), .integer(whole)) : .integer(whole)
            }
            guard let number = value.number else { throw arguments.invalid("needs a number") }
            return .float(number.magnitude)
        }
    }

    private func integer(_ value: TemplateValue, base: Int) throws(TemplateError) -> TemplateValue? {
        switch value {
        case .undefined(let undefined): throw self.undefined(undefined)
        case .bool, .integer: return value.wholeNumber.map(TemplateValue.integer)
        case .float(let number): return Int(exactly: number.rounded(.towardZero)).map(TemplateValue.integer)
        case .string(let text):
            let digits = text.string.trimmed()
            if (2...36).contains(base), let whole = Int(withoutPrefix(digits, base: base), radix: base) {
                return .integer(whole)
            }
            return Double(digits).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map(TemplateValue.integer)
        default: return nil
        }
    }

    /// Python takes "0x1f" in base 16, and likewise for 8 and 2.
    private func withoutPrefix(_ digits: String, base: Int) -> String {
        let prefix = [16: "0x", 8: "0o", 2: "0b"][base]
        guard let prefix, digits.lowercased().hasPrefix(prefix) else {
            return String(digits.filter { $0 != "_" })
        }
        return String(digits.dropFirst(2))
    }

    private func float(_ value: TemplateValue) throws(TemplateError) -> TemplateValue? {
        if case .undefined(let undefined) = value { throw self.undefined(undefined) }
        if case .string(let text) = value { return Double(text.string.trimmed()).map(TemplateValue.float) }
        return value.number.map(TemplateValue.float)
    }

    private mutating func rounded(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["precision", "method"])
        // Without digits, as for Python's `round(value, None)`, the result is whole.
        let isWhole = values[0]?.isNone == true
        let precision = try arguments.integer(isWhole ? nil : values[0], named: "precision", default: 0)
        let method = try values[1].map { value throws(TemplateError) in
            try arguments.text(value, named: "method")
        }
        if case .undefined(let undefined) = value { throw self.undefined(undefined) }
        guard let number = value.number else { throw arguments.invalid("needs a number") }
        // Rounding exactly writes up to 1,100 digits.
        try budget.work(byteCount: 1 << 12)
        switch method ?? "common" {
        case "common":
            if let whole = value.wholeNumber, precision >= 0 { return .integer(whole) }
            let rounded = number.rounded(fractionCount: precision)
            if value.wholeNumber != nil || isWhole, let whole = Int(exactly: rounded) {
                return .integer(whole)
            }
            return .float(rounded)
        case "ceil", "floor":
            guard (-300...300).contains(precision) else { throw arguments.invalid("cannot round so finely") }
            var power = 1.0
            for _ in 0..<precision.magnitude { power *= 10 }
            if precision < 0 { power = 1 / power }
            return .float((number * power).rounded(method == "ceil" ? .up : .down) / power)
        default: throw arguments.invalid("rounds by 'common', 'ceil' or 'floor'")
        }
    }
}
