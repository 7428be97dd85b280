/// `str()` and `repr()` of values, as Python writes them.
extension TemplateBudget {
    /// What printing a value gives; nothing for an undefined one.
    mutating func text(of value: TemplateValue) throws(TemplateError) -> TemplateText {
        switch value {
        case .undefined: return .empty
        case .string(let text): return text
        default:
            var text = TemplateText.empty
            try appendRepresentation(of: value, to: &text)
            return text
        }
    }

    mutating func representation(of value: TemplateValue) throws(TemplateError) -> TemplateText {
        var text = TemplateText.empty
        try appendRepresentation(of: value, to: &text)
        return text
    }

    private mutating func appendRepresentation(
        of value: TemplateValue, to text: inout TemplateText
    ) throws(TemplateError) {
        switch value {
        case .undefined: try append("Undefined", to: &text)
        case .none: try append("None", to: &text)
        case .bool(let value): try append(value ? "True" : "False", to: &text)
        case .integer(let value): try append(String(value), to: &text)
        case .float(let value): try append(value.pythonText, to: &text)
        case .string(let value):
            try work(byteCount: value.byteCount)
            try append(value.respelledWhole(\.pythonQuoted), to: &text)
        case .sequence(let sequence): try appendRepresentation(of: sequence, to: &text)
        case .dictionary(let dictionary): try appendRepresentation(of: dictionary, to: &text)
        case .namespace, .loop, .callable: throw invalid("\(value.kindDescription) cannot be printed")
        }
    }

    private mutating func appendRepresentation(
        of sequence: TemplateSequence, to text: inout TemplateText
    ) throws(TemplateError) {
        let (opening, closing): (String, String)
        switch sequence.kind {
        case .range(let start, let stop, let step):
            let last = step == 1 ? "" : ", \(step)"
            return try append("range(\(start), \(stop)\(last))", to: &text)
        case .generator: throw invalid("a generator cannot be printed; '|list' makes it a list")
        case .list: (opening, closing) = ("[", "]")
        case .tuple, .group: (opening, closing) = ("(", sequence.items.count == 1 ? ",)" : ")")
        case .view(let name): (opening, closing) = ("\(name)([", "])")
        }
        try append(opening, to: &text)
        for (index, item) in sequence.items.enumerated() {
            if index > 0 { try append(", ", to: &text) }
            try appendRepresentation(of: item, to: &text)
        }
        try append(closing, to: &text)
    }

    private mutating func appendRepresentation(
        of dictionary: TemplateDictionary, to text: inout TemplateText
    ) throws(TemplateError) {
        try append("{", to: &text)
        for (index, entry) in dictionary.entries.enumerated() {
            if index > 0 { try append(", ", to: &text) }
            try appendRepresentation(of: entry.key, to: &text)
            try append(": ", to: &text)
            try appendRepresentation(of: entry.value, to: &text)
        }
        try append("}", to: &text)
    }

    /// Grows a text within the limits.
    mutating func append(_ piece: TemplateText, to text: inout TemplateText) throws(TemplateError) {
        try step()
        try work(byteCount: piece.byteCount)
        guard text.byteCount + piece.byteCount <= limits.textByteCount else {
            throw exceeded("textByteCount", limits.textByteCount)
        }
        text.append(piece)
    }

    /// Grows a text by marks and numbers, which are the template's own.
    mutating func append(_ piece: String, to text: inout TemplateText) throws(TemplateError) {
        try append(TemplateText(own: piece), to: &text)
    }
}

extension String {
    /// `repr()`: single quotes unless only those occur inside, unprintable characters escaped.
    var pythonQuoted: String {
        let quote: Unicode.Scalar =
            unicodeScalars.contains("'") && !unicodeScalars.contains("\"") ? "\"" : "'"
        var quoted = UnicodeScalarView()
        quoted.append(quote)
        for scalar in unicodeScalars {
            switch scalar {
            case quote, "\\":
                quoted.append("\\")
                quoted.append(scalar)
            case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
            case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
            case "\t": quoted.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.isPythonPrintable: quoted.append(scalar)
            default:
                let (letter, width) =
                    scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                quoted.append(contentsOf: "\\\(letter)\(scalar.hexadecimal(width: width))".unicodeScalars)
            }
        }
        quoted.append(quote)
        return String(quoted)
    }
}

extension Unicode.Scalar {
    /// The value in lower case, with leading zeros.
    func hexadecimal(width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension Double {
    /// `repr()`: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
    var pythonText: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        if self == 0 { return sign == .minus ? "-0.0" : "0.0" }
        let (digits, exponent) = shortestDigits
        let sign = self < 0 ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.dropFirst()
            let magnitude = abs(exponent)
            let padded = magnitude < 10 ? "0\(magnitude)" : "\(magnitude)"
            return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e"
                + (exponent < 0 ? "-" : "+") + padded
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1)
        let zeros = String(repeating: "0", count: exponent + 1 - whole.utf8.count)
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + zeros + "." + (fraction.isEmpty ? "0" : fraction)
    }

    /// Significant digits without trailing zeros, and the power of ten of the first: 1250 is ("125", 3).
    /// Swift's description has the same digits in another layout.
    private var shortestDigits: (digits: String, exponent: Int) {
        let parts = magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0].drop { $0 == "0" }
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = whole + fraction
        let digits = all.drop { $0 == "0" }
        let exponent = whole.isEmpty ? -(all.count - digits.count) - 1 : whole.count - 1
        let trimmed = digits.reversed().drop { $0 == "0" }.reversed()
        return (String(trimmed), exponent + power)
    }
}
