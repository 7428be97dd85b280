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
        _ name: String, of text: String, _ arguments: TemplateArguments, in evaluator: inout TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "strip", "lstrip", "rstrip":
            let marks = try arguments.bound(to: ["chars"])[0]
            return .string(
                try trimmed(text, of: marks, start: name != "rstrip", end: name != "lstrip", arguments))
        case "split", "rsplit", "splitlines", "partition", "rpartition", "join":
            return try divide(name, text, arguments, in: &evaluator)
        case "find", "rfind", "index", "rindex", "count", "startswith", "endswith":
            return try search(name, text, arguments, in: &evaluator.budget)
        case "replace":
            let values = try arguments.bound(to: ["old", "new", "count"], required: 2)
            return .string(
                try evaluator.budget.replacing(
                    try arguments.text(values[0], named: "old"), in: text,
                    with: try arguments.text(values[1], named: "new"),
                    limit: try arguments.integer(values[2], named: "count", default: -1)))
        case "removeprefix", "removesuffix":
            let part = try arguments.text(try arguments.bound(to: ["part"], required: 1)[0], named: "part")
            return .string(removing(part, from: text, atEnd: name == "removesuffix"))
        case "center", "ljust", "rjust", "zfill": return try pad(name, text, arguments, in: &evaluator.budget)
        case "format": return .string(try evaluator.formatted(text, with: arguments))
        default:
            _ = try arguments.bound(to: [])
            try evaluator.budget.text(byteCount: text.utf8.count)
            return try plain(name, text)
        }
    }

    /// Methods without arguments.
    private static func plain(_ name: String, _ text: String) throws(TemplateError) -> TemplateValue {
        let scalars = text.unicodeScalars
        switch name {
        case "upper": return .string(text.uppercased())
        case "lower": return .string(text.lowercased())
        case "casefold": return .string(text.lowercased().replacing("ß", with: "ss"))
        case "title": return .string(text.pythonTitle)
        case "capitalize": return .string(text.pythonCapitalized)
        case "swapcase":
            return .string(
                scalars.reduce(into: "") { swapped, scalar in
                    let properties = scalar.properties
                    swapped += scalar.isUpper ? properties.lowercaseMapping : properties.uppercaseMapping
                })
        case "islower", "isupper": return .bool(isCase(text, upper: name == "isupper"))
        case "isspace": return .bool(!text.isEmpty && scalars.allSatisfy(\.isPythonSpace))
        case "isalpha": return .bool(!text.isEmpty && scalars.allSatisfy(\.isLetter))
        case "isalnum":
            return .bool(
                !text.isEmpty && scalars.allSatisfy { $0.isLetter || $0.properties.numericType != nil })
        case "isdecimal":
            return .bool(!text.isEmpty && scalars.allSatisfy { $0.properties.numericType == .decimal })
        case "isdigit":
            return .bool(
                !text.isEmpty
                    && scalars.allSatisfy {
                        $0.properties.numericType == .decimal || $0.properties.numericType == .digit
                    })
        default: return .bool(!text.isEmpty && scalars.allSatisfy { $0.properties.numericType != nil })
        }
    }

    /// `str.islower` and `str.isupper`: a cased letter, and none of the other case.
    static func isCase(_ text: String, upper: Bool) -> Bool {
        let scalars = text.unicodeScalars
        return scalars.contains { upper ? $0.isUpper : $0.isLower }
            && !scalars.contains { upper ? $0.isLower : $0.isUpper }
    }

    static func trimmed(
        _ text: String, of marks: TemplateValue?, start: Bool, end: Bool, _ arguments: TemplateArguments
    ) throws(TemplateError) -> String {
        guard let marks, !marks.isNone else { return text.trimmed(start: start, end: end) }
        let set = Set(try arguments.text(marks, named: "chars").unicodeScalars)
        return text.trimmed(start: start, end: end) { set.contains($0) }
    }

    private static func removing(_ part: String, from text: String, atEnd: Bool) -> String {
        let bytes = Array(text.utf8)
        guard atEnd ? bytes.hasSuffix(part) : bytes.starts(with: part.utf8) else { return text }
        let kept = atEnd ? bytes.dropLast(part.utf8.count) : bytes.dropFirst(part.utf8.count)
        return String(decoding: kept, as: UTF8.self)
    }

    private static func pad(
        _ name: String, _ text: String, _ arguments: TemplateArguments, in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(
            to: name == "zfill" ? ["width"] : ["width", "fillchar"], required: 1)
        let width = try arguments.integer(values[0], named: "width", default: 0)
        if name == "zfill" { return .string(try budget.zeroFilled(text, width: width)) }
        let fill =
            try values.count > 1 && values[1] != nil ? arguments.text(values[1], named: "fillchar") : " "
        guard fill.codePointCount == 1 else { throw arguments.invalid("fills with one character") }
        let alignment: TextAlignment = name == "center" ? .pythonCenter : name == "ljust" ? .left : .right
        return .string(try budget.padded(text, width: width, fill: fill, alignment: alignment))
    }
}

extension [UInt8] {
    func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
