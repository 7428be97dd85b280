/// `str.format`: replacement fields with names, indices, members and a plain format specification.
/// https://docs.python.org/3/library/string.html#format-string-syntax
extension TemplateEvaluator {
    mutating func formatted(_ format: TemplateText, with arguments: TemplateArguments) throws(TemplateError)
        -> TemplateText
    {
        let scalars = Array(format.string.unicodeScalars)
        let offsets = format.codePointOffsets
        try budget.text(byteCount: format.byteCount)
        var result = TemplateText.empty
        var offset = 0
        var automatic = 0
        while offset < scalars.count {
            let scalar = scalars[offset]
            let isDoubled = offset + 1 < scalars.count && scalars[offset + 1] == scalar
            if scalar == "{" || scalar == "}", isDoubled {
                try budget.append(format[offsets[offset]..<offsets[offset + 1]], to: &result)
                offset += 2
            } else if scalar == "{" {
                guard let end = scalars[offset...].firstIndex(of: "}") else {
                    throw arguments.invalid("met a '{' that is not closed")
                }
                let field = String(codePoints: scalars[(offset + 1)..<end])
                guard !field.unicodeScalars.contains("{") else {
                    throw .unsupported(
                        at: budget.position, construct: "a field inside a format specification",
                        supported: "fields such as {}, {0}, {name.member[item]:>10}")
                }
                try budget.append(try formattedField(field, arguments, &automatic), to: &result)
                offset = end + 1
            } else if scalar == "}" {
                throw arguments.invalid("met a '}' that closes nothing")
            } else {
                let end = scalars[offset...].firstIndex { $0 == "{" || $0 == "}" } ?? scalars.count
                try budget.append(format[offsets[offset]..<offsets[end]], to: &result)
                offset = end
            }
        }
        return result
    }

    private mutating func formattedField(
        _ field: String, _ arguments: TemplateArguments, _ automatic: inout Int
    ) throws(TemplateError) -> TemplateText {
        let parts = field.parts(separatedBy: ":", limit: 1)
        let conversion = parts[0].parts(separatedBy: "!", limit: 1)
        var value = try argument(conversion[0], arguments, &automatic)
        if conversion.count == 2 {
            switch conversion[1] {
            case "s": value = .string(try budget.text(of: value))
            case "r": value = .string(try budget.representation(of: value))
            default: throw arguments.invalid("converts by '!s' or '!r'")
            }
        }
        guard parts.count == 2, !parts[1].isEmpty else { return try budget.text(of: value) }
        return try budget.formatted(value, by: parts[1])
    }

    private mutating func argument(
        _ path: String, _ arguments: TemplateArguments, _ automatic: inout Int
    ) throws(TemplateError) -> TemplateValue {
        let end = path.unicodeScalars.firstIndex { $0 == "." || $0 == "[" } ?? path.unicodeScalars.endIndex
        let head = String(path[..<end])
        var value: TemplateValue
        if head.isEmpty || Int(head) != nil {
            let place = Int(head) ?? automatic
            if head.isEmpty { automatic += 1 }
            guard arguments.positional.indices.contains(place) else {
                throw arguments.invalid("has no argument \(place)")
            }
            value = arguments.positional[place]
        } else {
            guard let named = arguments.named.first(where: { $0.name.hasSameCodePoints(as: head) }) else {
                throw arguments.invalid("has no argument '\(head)'")
            }
            value = named.value
        }
        for part in String(path[end...]).parts(separatedBy: ".").enumerated() {
            let pieces = part.element.parts(separatedBy: "[")
            if part.offset > 0 { value = try member(pieces[0], of: value) }
            for piece in pieces.dropFirst() {
                let name = piece.trimmed(start: false) { $0 == "]" }
                value = try item(Int(name).map { .integer($0) } ?? .string(name), of: value)
            }
        }
        return value
    }
}

extension TemplateBudget {
    /// `[[fill]align][sign][0][width][,][.precision][type]`.
    mutating func formatted(
        _ value: TemplateValue, by specification: String
    ) throws(TemplateError) -> TemplateText {
        guard let specification = FormatSpecification(specification) else {
            throw .unsupported(
                at: position, construct: "the format specification '\(specification.prefix(40))'",
                supported: "[[fill]align][sign][0][width][,][.precision][s d x X o b f F %]")
        }
        var text: TemplateText
        switch (specification.type, value) {
        case ("f", _), ("F", _), ("%", _):
            guard let number = value.number else { throw invalid("the format needs a number") }
            let precision = specification.precision ?? 6
            try self.text(byteCount: max(1 << 12, precision))
            let isPercent = specification.type == "%"
            text = TemplateText(
                own: (isPercent ? number * 100 : number).fixedText(fractionCount: precision)
                    + (isPercent ? "%" : ""))
        case ("d", _), ("x", _), ("X", _), ("o", _), ("b", _):
            guard let whole = value.wholeNumber else { throw invalid("the format needs an integer") }
            let radix = ["x": 16, "X": 16, "o": 8, "b": 2][specification.type] ?? 10
            text = TemplateText(own: String(whole, radix: radix, uppercase: specification.type == "X"))
        default:
            text = try self.text(of: value)
            if let precision = specification.precision, case .string = value {
                text = text.prefix(codePoints: precision)
            }
        }
        let isNumber = value.number != nil
        if specification.groups { text = text.respelledWhole(\.groupedByThousands) }
        if isNumber, specification.sign == "+" || specification.sign == " ", !text.string.hasPrefix("-") {
            text = TemplateText(own: String(specification.sign)) + text
        }
        return try padded(
            text, width: specification.width, fill: TemplateText(given: specification.fill),
            alignment: specification.alignment ?? (isNumber ? .right : .left))
    }
}

private struct FormatSpecification {
    var fill = " "
    var alignment: TextAlignment?
    var sign: Unicode.Scalar = "-"
    var width = 0
    var groups = false
    var precision: Int?
    var type: Unicode.Scalar = "s"

    private static let alignments: [Unicode.Scalar: TextAlignment] = [
        "<": .left, ">": .right, "^": .center, "=": .behindSign,
    ]

    init?(_ text: String) {
        var rest = Array(text.unicodeScalars)[...]
        if let second = rest.dropFirst().first, let found = Self.alignments[second], let first = rest.first {
            (fill, alignment) = (String(first), found)
            rest.removeFirst(2)
        } else if let first = rest.first, let found = Self.alignments[first] {
            alignment = found
            rest.removeFirst()
        }
        if let first = rest.first, "+- ".unicodeScalars.contains(first) { sign = rest.removeFirst() }
        if rest.first == "0" {
            if alignment == nil { (fill, alignment) = ("0", .behindSign) }
            rest.removeFirst()
        }
        guard let width = Self.number(&rest) else { return nil }
        self.width = width
        if rest.first == "," {
            groups = true
            rest.removeFirst()
        }
        if rest.first == "." {
            rest.removeFirst()
            guard let precision = Self.number(&rest) else { return nil }
            self.precision = precision
        }
        if let last = rest.first { type = last }
        guard rest.count <= 1, "sdxXobfF%".unicodeScalars.contains(type) else { return nil }
    }

    private static func number(_ rest: inout ArraySlice<Unicode.Scalar>) -> Int? {
        var value = 0
        while let digit = rest.first, digit.isASCIIDigit {
            value = value * 10 + Int(digit.value - 48)
            guard value < 1_000_000_000 else { return nil }
            rest.removeFirst()
        }
        return value
    }
}

extension String {
    /// 1234567.5 as 1,234,567.5.
    fileprivate var groupedByThousands: String {
        let sign = hasPrefix("-") ? "-" : ""
        let unsigned = dropFirst(sign.count)
        let whole = unsigned.prefix { $0.isNumber }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { grouped += "," }
            grouped.append(digit)
        }
        return sign + grouped + unsigned.dropFirst(whole.count)
    }
}
