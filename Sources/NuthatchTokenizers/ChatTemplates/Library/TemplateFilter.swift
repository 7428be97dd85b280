/// Filters: what may follow `|`. One case, one filter, one line in `apply`.
enum TemplateFilter: String, CaseIterable {
    case abs, attr, batch, capitalize, center, `default`, dictsort, escape, first, float, format, groupby
    case indent, int, items, join, last, length, list, lower, map, max, min, reject, rejectattr, replace
    case reverse, round, safe, select, selectattr, slice, sort, string, sum, title, tojson, trim
    case truncate, unique, upper, wordcount

    private static let aliases: [String: TemplateFilter] = [
        "d": .default, "e": .escape, "forceescape": .escape, "count": .length,
    ]

    init?(named name: String) {
        guard let filter = TemplateFilter(rawValue: name) ?? Self.aliases[name] else {
            return nil
        }
        self = filter
    }

    static var supported: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension TemplateEvaluator {
    mutating func apply(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch filter {
        case .indent, .truncate: return try applyLayout(filter, to: value, arguments)
        case .capitalize, .center, .escape, .format, .lower, .replace, .safe, .title, .trim, .upper,
            .wordcount:
            return try applyText(filter, to: try budget.text(of: value), value, arguments)
        case .abs, .float, .int, .round: return try applyNumeric(filter, to: value, arguments)
        case .batch, .first, .items, .join, .last, .length, .list, .reverse, .slice:
            return try applySequence(filter, to: value, arguments)
        case .dictsort, .groupby, .max, .min, .sort, .sum, .unique:
            return try applyOrder(filter, to: value, arguments)
        case .map, .reject, .rejectattr, .select, .selectattr:
            return try applySelection(filter, to: value, arguments)
        case .attr:
            let name = try arguments.bound(to: ["name"], required: 1)[0]
            guard case .dictionary = value else {
                return try member(try arguments.text(name, named: "name"), of: value)
            }
            // Unlike `value.name`, this never looks at the items.
            return .undefined(.member(try arguments.text(name, named: "name"), ofKind: "a dictionary"))
        case .default:
            let values = try arguments.bound(to: ["default_value", "boolean"])
            let isReplaced = value.isUndefined || (values[1]?.isTrue == true && !value.isTrue)
            return isReplaced ? values[0] ?? .string(.empty) : value
        case .string: return .string(try budget.text(of: value))
        case .tojson:
            return .string(try budget.json(of: value, style: try jsonStyle(arguments)))
        }
    }

    private mutating func jsonStyle(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateJSONStyle
    {
        let values = try arguments.bound(to: ["ensure_ascii", "indent", "separators", "sort_keys"])
        var style = TemplateJSONStyle()
        style.escapesNonASCII = values[0]?.isTrue ?? false
        style.sortsKeys = values[3]?.isTrue ?? false
        if let indent = values[1], !indent.isNone {
            if case .string(let text) = indent {
                style.indentation = text
            } else {
                let width = Swift.max(0, try arguments.integer(indent, named: "indent", default: 0))
                try budget.text(byteCount: width)
                style.indentation = TemplateText(own: String(repeating: " ", count: width))
            }
            style.itemSeparator = TemplateText(own: ",")
        }
        if let separators = values[2], !separators.isNone {
            let marks = try elements(of: separators)
            guard marks.count == 2 else { throw arguments.invalid("needs two separators") }
            style.itemSeparator = try arguments.spelling(marks[0], named: "separators")
            style.keySeparator = try arguments.spelling(marks[1], named: "separators")
        }
        return style
    }
}
