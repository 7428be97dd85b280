/// Methods of strings that search and divide.
extension TemplateMethods {
    static func divide(
        _ name: String, _ text: TemplateText, _ arguments: TemplateArguments,
        in evaluator: inout TemplateEvaluator
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "join":
            let list = try arguments.bound(to: ["iterable"], required: 1)[0] ?? .none
            var joined = TemplateText.empty
            for (index, item) in try evaluator.elements(of: list).enumerated() {
                guard case .string(let piece) = item else {
                    throw arguments.invalid("joins strings, and met \(item.kindDescription)")
                }
                if index > 0 { try evaluator.budget.append(text, to: &joined) }
                try evaluator.budget.append(piece, to: &joined)
            }
            return .string(joined)
        case "splitlines":
            let keepsEnds = try arguments.bound(to: ["keepends"])[0]?.isTrue ?? false
            return try list(text.lines(keepingEnds: keepsEnds), in: &evaluator.budget)
        case "partition", "rpartition":
            let mark = try separator(try arguments.bound(to: ["sep"], required: 1)[0], arguments)
            let separator = mark.string
            let fromEnd = name == "rpartition"
            let parts =
                fromEnd
                ? text.partsFromEnd(separatedBy: separator, limit: 1)
                : text.parts(separatedBy: separator, limit: 1)
            let whole: [TemplateText] = fromEnd ? [.empty, .empty, text] : [text, .empty, .empty]
            return try list(
                parts.count == 2 ? [parts[0], mark, parts[1]] : whole, kind: .tuple, in: &evaluator.budget)
        default:
            // One part more than a list may have is enough to be refused.
            let limit = evaluator.budget.limits.collectionCount
            return try list(
                try split(text, fromEnd: name == "rsplit", atMost: limit, arguments), in: &evaluator.budget)
        }
    }

    private static func list(
        _ texts: [TemplateText], kind: TemplateSequence.Kind = .list, in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        try budget.sequence(texts.map { .string($0) }, kind: kind)
    }

    private static func separator(
        _ value: TemplateValue?, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateText {
        let mark = try arguments.spelling(value, named: "sep")
        guard mark.byteCount > 0 else { throw arguments.invalid("needs a separator that is not empty") }
        return mark
    }

    private static func split(
        _ text: TemplateText, fromEnd: Bool, atMost most: Int, _ arguments: TemplateArguments
    ) throws(TemplateError) -> [TemplateText] {
        let values = try arguments.bound(to: ["sep", "maxsplit"])
        let given = try arguments.integer(values[1], named: "maxsplit", default: -1)
        let limit = given < 0 ? most : min(given, most)
        if let mark = values[0], !mark.isNone {
            let mark = try separator(mark, arguments).string
            return fromEnd
                ? text.partsFromEnd(separatedBy: mark, limit: limit)
                : text.parts(separatedBy: mark, limit: limit)
        }
        return fromEnd ? wordsFromEnd(text, limit: limit) : words(text, limit: limit)
    }

    /// Words between white space; behind the last split the rest keeps its inner white space.
    private static func words(_ text: TemplateText, limit: Int) -> [TemplateText] {
        let words = text.string.wordRanges
        let rest = words.count > limit ? [words[limit].lowerBound..<text.byteCount] : []
        return (words.prefix(limit) + rest).map { text[$0] }
    }

    private static func wordsFromEnd(_ text: TemplateText, limit: Int) -> [TemplateText] {
        let words = text.string.wordRanges
        let rest = words.count > limit ? [0..<words[words.count - limit - 1].upperBound] : []
        return (rest + words.suffix(limit)).map { text[$0] }
    }

    // MARK: Searching

    static func search(
        _ name: String, _ text: String, _ arguments: TemplateArguments, in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["sub", "start", "end"], required: 1)
        let scalars = text.unicodeScalars
        var first = 0
        var part = text
        if values[1] != nil || values[2] != nil {
            let count = scalars.count
            let start = try bound(values[1], count: count, default: 0, arguments)
            let end = try bound(values[2], count: count, default: count, arguments)
            guard start <= count, start <= end else {
                return try missing(name, arguments)
            }
            first = start
            part = String(codePoints: scalars.dropFirst(start).prefix(end - start))
        }
        if name == "startswith" || name == "endswith" {
            return .bool(try hasEnd(part, values[0] ?? .none, atEnd: name == "endswith", arguments))
        }
        let wanted = try arguments.text(values[0], named: "sub")
        if name == "count" {
            if wanted.isEmpty { return .integer(part.codePointCount + 1) }
            return .integer(part.parts(separatedBy: wanted).count - 1)
        }
        try budget.work(byteCount: part.utf8.count)
        let isLast = name.hasPrefix("r")
        if wanted.isEmpty { return .integer(first + (isLast ? part.codePointCount : 0)) }
        let parts =
            isLast
            ? part.partRangesFromEnd(separatedBy: wanted, limit: 1)
            : part.partRanges(separatedBy: wanted, limit: 1)
        guard parts.count == 2 else { return try missing(name, arguments) }
        return .integer(first + TemplateText(given: part)[parts[0]].string.codePointCount)
    }

    private static func missing(_ name: String, _ arguments: TemplateArguments) throws(TemplateError)
        -> TemplateValue
    {
        switch name {
        case "startswith", "endswith": return .bool(false)
        case "count": return .integer(0)
        case "index", "rindex": throw arguments.invalid("found no such part")
        default: return .integer(-1)
        }
    }

    private static func bound(
        _ value: TemplateValue?, count: Int, default fallback: Int, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Int {
        guard let value, !value.isNone else { return fallback }
        let bound = try arguments.integer(value, named: "start or end", default: fallback)
        return max(0, bound < 0 ? bound + count : min(bound, count + 1))
    }

    /// One prefix, or a tuple of them of which any may fit.
    private static func hasEnd(
        _ text: String, _ wanted: TemplateValue, atEnd: Bool, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        if case .sequence(let sequence) = wanted, sequence.kind.isTuple {
            for item in sequence.items where try hasEnd(text, item, atEnd: atEnd, arguments) { return true }
            return false
        }
        let part = try arguments.text(wanted, named: "prefix")
        return atEnd
            ? text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8) : text.utf8.starts(with: part.utf8)
    }
}
