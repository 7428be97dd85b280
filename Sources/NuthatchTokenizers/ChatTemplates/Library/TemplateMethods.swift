/// Methods of values, after Python's `str`, `dict`, `list` and `tuple`.
enum TemplateMethods {
    static func names(_ value: TemplateValue) -> Set<String> {
        switch value {
        case .string: text
        case .dictionary: ["get", "items", "keys", "values", "copy"]
        case .sequence(let sequence) where sequence.kind.hasIndex:
            sequence.kind == .list ? ["index", "count", "copy"] : ["index", "count"]
        default: []
        }
    }

    /// What the sandbox of `transformers` forbids because it changes the receiver.
    static func mutating(_ value: TemplateValue) -> Set<String> {
        switch value {
        case .dictionary: ["clear", "pop", "popitem", "setdefault", "update"]
        case .sequence(let sequence) where sequence.kind == .list:
            ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"]
        default: []
        }
    }

    // MARK: Dictionaries

    static func call(
        _ name: String, of dictionary: TemplateDictionary, _ arguments: TemplateArguments,
        in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        if name == "get" {
            let values = try arguments.bound(to: ["key", "default"], required: 1)
            return dictionary[try budget.key(of: values[0] ?? .none)] ?? values[1] ?? .none
        }
        _ = try arguments.bound(to: [])
        switch name {
        case "items": return try budget.pairs(of: dictionary, kind: .view("dict_items"))
        case "keys": return try budget.sequence(dictionary.entries.map(\.key), kind: .view("dict_keys"))
        case "values": return try budget.sequence(dictionary.entries.map(\.value), kind: .view("dict_values"))
        default: return .dictionary(dictionary)
        }
    }

    // MARK: Lists and tuples

    static func call(
        _ name: String, of sequence: TemplateSequence, _ arguments: TemplateArguments,
        in budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        if name == "copy" {
            _ = try arguments.bound(to: [])
            return .sequence(sequence)
        }
        let value = try arguments.bound(to: ["value"], required: 1)[0] ?? .none
        var count = 0
        for (index, item) in sequence.items.enumerated() where try budget.areEqual(item, value) {
            if name == "index" { return .integer(index) }
            count += 1
        }
        if name == "index" { throw arguments.invalid("found no such item") }
        return .integer(count)
    }
}
