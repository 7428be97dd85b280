/// Filters on text. `text` is the value as printed.
extension TemplateEvaluator {
    mutating func applyText(
        _ filter: TemplateFilter, to text: TemplateText, _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try budget.text(byteCount: text.byteCount)
        switch filter {
        case .trim:
            let marks = try arguments.bound(to: ["chars"])[0]
            return .string(try TemplateMethods.trimmed(text, of: marks, start: true, end: true, arguments))
        case .replace:
            let values = try arguments.bound(to: ["old", "new", "count"], required: 2)
            let limit = values[2].flatMap { $0.isNone ? nil : $0 }
            return .string(
                try budget.replacing(
                    try budget.text(of: values[0] ?? .none).string, in: text,
                    with: try budget.text(of: values[1] ?? .none),
                    limit: try arguments.integer(limit, named: "count", default: -1)))
        case .center:
            let width = try arguments.integer(
                try arguments.bound(to: ["width"])[0], named: "width", default: 80)
            return .string(try budget.padded(text, width: width, alignment: .pythonCenter))
        case .format:
            if arguments.positional.isEmpty, !arguments.named.isEmpty {
                let entries = arguments.named.map { (key: TemplateValue.string($0.name), value: $0.value) }
                return .string(
                    try budget.percentFormatted(text, with: .dictionary(try budget.dictionary(entries))))
            }
            let values = try budget.sequence(arguments.positional, kind: .tuple)
            return .string(try budget.percentFormatted(text, with: values))
        default: _ = try arguments.bound(to: [])
        }
        switch filter {
        case .capitalize: return .string(text.respelledWhole(\.pythonCapitalized))
        case .lower: return .string(text.respelled { $0.lowercased() })
        case .upper: return .string(text.respelled { $0.uppercased() })
        case .title: return .string(text.respelledWhole(Self.title))
        case .escape: return .string(try escaped(text))
        case .wordcount: return .integer(Self.wordCount(of: text.string))
        default: return .string(text)
        }
    }

    /// Filters that take strings as they are, and print nothing first. `truncate` asks for no more than a length.
    mutating func applyLayout(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        if filter == .truncate { return try truncated(value, arguments) }
        if case .undefined(let undefined) = value { throw self.undefined(undefined) }
        guard case .string(let text) = value else {
            throw arguments.invalid("needs a string, and \(value.kindDescription) was given")
        }
        try budget.text(byteCount: text.byteCount)
        return .string(try indented(text, arguments))
    }

    /// Words begin behind blanks, hyphens and opening brackets; not, as for `str.title`, behind apostrophes.
    private static func title(of text: String) -> String {
        var title = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            title += startsWord ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            startsWord = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return title
    }

    private static func wordCount(of text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            let belongs =
                scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if belongs, !isInside { count += 1 }
            isInside = belongs
        }
        return count
    }

    private mutating func escaped(_ text: TemplateText) throws(TemplateError) -> TemplateText {
        try budget.text(byteCount: budget.product(text.byteCount, 5))
        return text.respelled { text in
            var escaped = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": escaped += "&amp;"
                case "<": escaped += "&lt;"
                case ">": escaped += "&gt;"
                case "'": escaped += "&#39;"
                case "\"": escaped += "&#34;"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return escaped
        }
    }

    private mutating func indented(
        _ text: TemplateText, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateText {
        let values = try arguments.bound(to: ["width", "first", "blank"])
        let indentation: TemplateText
        if case .string(let mark)? = values[0] {
            indentation = mark
        } else {
            let width = max(0, try arguments.integer(values[0], named: "width", default: 4))
            try budget.text(byteCount: width)
            indentation = TemplateText(own: String(repeating: " ", count: width))
        }
        let indentsBlank = values[2]?.isTrue ?? false
        let lineBreak = TemplateText(own: "\n")
        let lines = (text + lineBreak).lines()
        let growth = budget.product(lines.count, indentation.byteCount)
        try budget.text(byteCount: min(growth, Int.max / 2) + text.byteCount)
        var result = values[1]?.isTrue == true ? indentation : .empty
        for (index, line) in lines.enumerated() {
            if index > 0 {
                result.append(lineBreak)
                if line.byteCount > 0 || indentsBlank { result.append(indentation) }
            }
            result.append(line)
        }
        return result
    }

    private mutating func truncated(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["length", "killwords", "end", "leeway"])
        let length = try arguments.integer(values[0], named: "length", default: 255)
        let end =
            try values[2].map { value throws(TemplateError) in try arguments.spelling(value, named: "end") }
            ?? TemplateText(own: "...")
        let leeway = try arguments.integer(
            values[3].flatMap { $0.isNone ? nil : $0 }, named: "leeway", default: 5)
        let endCount = end.string.codePointCount
        guard length >= endCount, leeway >= 0 else {
            throw arguments.invalid("needs a length of at least its end's and a leeway of at least 0")
        }
        guard try count(of: value) - length > leeway else { return value }
        guard case .string(let text) = value else {
            throw arguments.invalid("cannot shorten \(value.kindDescription)")
        }
        try budget.text(byteCount: text.byteCount + end.byteCount)
        let start = text.prefix(codePoints: length - endCount)
        if values[1]?.isTrue == true { return .string(start + end) }
        return .string((start.partsFromEnd(separatedBy: " ", limit: 1).first ?? start) + end)
    }
}

extension TemplateBudget {
    /// `str.replace`; a negative limit replaces all, an empty `old` stands between all code points.
    mutating func replacing(
        _ old: String, in text: TemplateText, with new: TemplateText, limit: Int
    ) throws(TemplateError) -> TemplateText {
        let limit = limit < 0 ? Int.max : limit
        try work(byteCount: text.byteCount)
        let pieces: [TemplateText]
        if old.isEmpty {
            let cut = min(limit, text.string.codePointCount + 1)
            guard cut > 0 else { return text }
            try collection(count: cut)
            let offsets = text.codePointOffsets
            let head = zip(offsets, offsets.dropFirst()).prefix(cut - 1).map { text[$0..<$1] }
            pieces = [.empty] + head + [text[offsets[cut - 1]..<text.byteCount]]
        } else {
            // One piece more than allowed is enough to refuse.
            pieces = text.parts(separatedBy: old, limit: min(limit, limits.collectionCount))
            try collection(count: pieces.count)
        }
        try self.text(byteCount: min(product(pieces.count, new.byteCount), Int.max / 2) + text.byteCount)
        return new.joining(pieces)
    }
}
