/// How `tojson` writes, after Python's `json.dumps`.
struct TemplateJSONStyle {
    var escapesNonASCII = false
    var sortsKeys = false
    /// One level's indentation; nil writes one line.
    var indentation: TemplateText?
    var itemSeparator = TemplateText(own: ", ")
    var keySeparator = TemplateText(own: ": ")
}

/// JSON of values, as `json.dumps(value, ensure_ascii=False)` writes it: `transformers` replaces Jinja's own
/// filter, which escapes HTML characters.
extension TemplateBudget {
    mutating func json(of value: TemplateValue, style: TemplateJSONStyle) throws(TemplateError)
        -> TemplateText
    {
        var text = TemplateText.empty
        try appendJSON(of: value, style: style, level: 0, to: &text)
        return text
    }

    private mutating func appendJSON(
        of value: TemplateValue, style: TemplateJSONStyle, level: Int, to text: inout TemplateText
    ) throws(TemplateError) {
        switch value {
        case .none: try append("null", to: &text)
        case .bool(let value): try append(value ? "true" : "false", to: &text)
        case .integer(let value): try append(String(value), to: &text)
        case .float(let value): try append(value.jsonText, to: &text)
        case .string(let value):
            try work(byteCount: value.byteCount)
            let quoted = value.respelledWhole { $0.jsonQuoted(escapesNonASCII: style.escapesNonASCII) }
            try append(quoted, to: &text)
        case .sequence(let sequence) where sequence.kind == .list || sequence.kind.isTuple:
            try appendBracketed("[", "]", count: sequence.items.count, style: style, level: level, to: &text)
            {
                (budget, index, text) throws(TemplateError) in
                try budget.appendJSON(of: sequence.items[index], style: style, level: level + 1, to: &text)
            }
        case .dictionary(let dictionary):
            let entries =
                style.sortsKeys
                ? try sorted(dictionary.entries, reversed: false) { $0.key } : dictionary.entries
            try appendBracketed("{", "}", count: entries.count, style: style, level: level, to: &text) {
                (budget, index, text) throws(TemplateError) in
                let key = try budget.jsonKey(entries[index].key)
                let quoted = key.respelledWhole { $0.jsonQuoted(escapesNonASCII: style.escapesNonASCII) }
                try budget.append(quoted, to: &text)
                try budget.append(style.keySeparator, to: &text)
                try budget.appendJSON(of: entries[index].value, style: style, level: level + 1, to: &text)
            }
        default: throw invalid("\(value.kindDescription) has no JSON")
        }
    }

    private mutating func appendBracketed(
        _ opening: String, _ closing: String, count: Int, style: TemplateJSONStyle, level: Int,
        to text: inout TemplateText,
        item: (inout TemplateBudget, Int, inout TemplateText) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        guard count > 0 else { return try append(opening + closing, to: &text) }
        try append(opening, to: &text)
        for index in 0..<count {
            if index > 0 { try append(style.itemSeparator, to: &text) }
            try appendLineBreak(style, level: level + 1, to: &text)
            try item(&self, index, &text)
        }
        try appendLineBreak(style, level: level, to: &text)
        try append(closing, to: &text)
    }

    private mutating func appendLineBreak(
        _ style: TemplateJSONStyle, level: Int, to text: inout TemplateText
    ) throws(TemplateError) {
        guard let indentation = style.indentation else { return }
        try work(byteCount: product(level, indentation.byteCount))
        try append(TemplateText(own: "\n") + indentation.repeated(level), to: &text)
    }

    private func jsonKey(_ key: TemplateValue) throws(TemplateError) -> TemplateText {
        switch key {
        case .string(let text): return text
        case .none: return TemplateText(own: "null")
        case .bool(let value): return TemplateText(own: value ? "true" : "false")
        case .integer(let value): return TemplateText(own: String(value))
        case .float(let value): return TemplateText(own: value.jsonText)
        default: throw invalid("\(key.kindDescription) cannot be a key in JSON")
        }
    }
}

extension TemplateSequence.Kind {
    var isTuple: Bool { self == .tuple || self == .group }
}

extension Double {
    fileprivate var jsonText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        return pythonText
    }
}

extension String {
    fileprivate func jsonQuoted(escapesNonASCII: Bool) -> String {
        var quoted = UnicodeScalarView()
        quoted.append("\"")
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted.append("\\")
                quoted.append(scalar)
            case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
            case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
            case "\t": quoted.append(contentsOf: "\\t".unicodeScalars)
            case "\u{08}": quoted.append(contentsOf: "\\b".unicodeScalars)
            case "\u{0C}": quoted.append(contentsOf: "\\f".unicodeScalars)
            case _ where scalar.value < 0x20:
                quoted.append(contentsOf: "\\u\(scalar.hexadecimal(width: 4))".unicodeScalars)
            case _ where escapesNonASCII && scalar.value > 0x7E:
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    let digits = String(unit, radix: 16)
                    let zeros = String(repeating: "0", count: 4 - digits.utf8.count)
                    quoted.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
                }
            default: quoted.append(scalar)
            }
        }
        quoted.append("\"")
        return String(quoted)
    }
}
