/// Methods of strings.
extension TemplateMethods {
    static let text: Set<String> = [
        "capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum",
        "isalpha",
        "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "join", "ljust", "lower",
        "lstrip",
        "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
        "rsplit",
        "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
    ]

    static func call(
        _ name: String, of text: TemplateText, _ arguments: TemplateArguments,
        in evaluator: inout TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "strip", "lstrip", "rstrip":
            let marks = try arguments.bound(to: ["chars"])[0]
            return .string(
                try trimmed(text, of: marks, start: name != "rstrip", end: name != "lstrip", arguments))
        case "split", "rsplit", "splitlines", "partition", "rpartition", "join":
            return try divide(name, text, arguments, in: &evaluator)
        case "find", "rfind", "index", "rindex", "count", "startswith", "endswith":
            return try search(name, text.string, arguments, in: &evaluator.budget)
        case "replace":
            let values = try arguments.bound(to: ["old", "new", "count"], required: 2)
            return .string(
                try evaluator.budget.replacing(
                    try arguments.text(values[0], named: "old"), in: text,
                    with: try arguments.spelling(values[1], named: "new"),
                    limit: try arguments.integer(values[2], named: "count", default: -1)))
        case "removeprefix", "removesuffix":
            let part = try arguments.text(try arguments.bound(to: ["part"], required: 1)[0], named: "part")
            return .string(removing(part, from: text, atEnd: name == "removesuffix"))
        case "center", "ljust", "rjust", "zfill": return try pad(name, text, arguments, in: &evaluator.budget)
        case "format": return .string(try evaluator.formatted(text, with: arguments))
        default:
            _ = try arguments.bound(to: [])
            try evaluator.budget.text(byteCount: text.byteCount)
            return try plain(name, text)
        }
    }

    /// Methods without arguments.
    private static func plain(_ name: String, _ text: TemplateText) throws(TemplateError) -> TemplateValue {
        switch name {
        case "upper": return .string(text.respelled { $0.uppercased() })
        case "lower": return .string(text.respelled { $0.lowercased() })
        case "casefold": return .string(text.respelled { $0.lowercased().replacing("ß", with: "ss") })
        case "title": return .string(text.respelledWhole(\.pythonTitle))
        case "capitalize": return .string(text.respelledWhole(\.pythonCapitalized))
        case "swapcase":
            return .string(
                text.respelled { text in
                    text.unicodeScalars.reduce(into: "") { swapped, scalar in
                        let properties = scalar.properties
                        swapped += scalar.isUpper ? properties.lowercaseMapping : properties.uppercaseMapping
                    }
                })
        default: return .bool(isOfClass(name, text.string))
        }
    }

    private static func isOfClass(_ name: String, _ text: String) -> Bool {
        let scalars = text.unicodeScalars
        switch name {
        case "islower", "isupper": return isCase(text, upper: name == "isupper")
        case "isspace": return !text.isEmpty && scalars.allSatisfy(\.isPythonSpace)
        case "isalpha": return !text.isEmpty && scalars.allSatisfy(\.isLetter)
        case "isalnum":
            return !text.isEmpty && scalars.allSatisfy { $0.isLetter || $0.properties.numericType != nil }
        case "isdecimal":
            return !text.isEmpty && scalars.allSatisfy { $0.properties.numericType == .decimal }
        case "isdigit":
            return !text.isEmpty
                && scalars.allSatisfy {
                    $0.properties.numericType == .decimal || $0.properties.numericType == .digit
                }
        default: return !text.isEmpty && scalars.allSatisfy { $0.properties.numericType != nil }
        }
    }

    /// `str.islower` and `str.isupper`: a cased letter, and none of the other case.
    static func isCase(_ text: String, upper: Bool) -> Bool {
        let scalars = text.unicodeScalars
        return scalars.contains { upper ? $0.isUpper : $0.isLower }
            && !scalars.contains { upper ? $0.isLower : $0.isUpper }
    }

    static func trimmed(
        _ text: TemplateText, of marks: TemplateValue?, start: Bool, end: Bool, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateText {
        guard let marks, !marks.isNone else { return text.trimmed(start: start, end: end) }
        let set = Set(try arguments.text(marks, named: "chars").unicodeScalars)
        return text.trimmed(start: start, end: end) { set.contains($0) }
    }

    private static func removing(_ part: String, from text: TemplateText, atEnd: Bool) -> TemplateText {
        let bytes = Array(text.string.utf8)
        guard atEnd ? bytes.hasSuffix(part) : bytes.starts(with: part.utf8) else { return text }
        let count = part.utf8.count
        return atEnd ? text[0..<(bytes.count - count)] : text[count..<bytes.count]
    }

    private static func pad(
        _ name: String, _ text: TemplateText, _ arguments: TemplateArguments, in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(
            to: name == "zfill" ? ["width"] : ["width", "fillchar"], required: 1)
        let width = try arguments.integer(values[0], named: "width", default: 0)
        if name == "zfill" { return .string(try budget.zeroFilled(text, width: width)) }
        let fill =
            try values.count > 1 && values[1] != nil
            ? arguments.spelling(values[1], named: "fillchar") : TemplateText(own: " ")
        guard fill.string.codePointCount == 1 else { throw arguments.invalid("fills with one character") }
        let alignment: TextAlignment = name == "center" ? .pythonCenter : name == "ljust" ? .left : .right
        return .string(try budget.padded(text, width: width, fill: fill, alignment: alignment))
    }
}

extension [UInt8] {
    func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
