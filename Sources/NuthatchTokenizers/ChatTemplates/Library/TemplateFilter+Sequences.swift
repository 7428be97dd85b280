/// Filters on the items of a value, in their order.
extension TemplateEvaluator {
    mutating func applySequence(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch filter {
        case .join: return try joined(value, arguments)
        case .batch: return try batched(value, arguments)
        case .slice: return try sliced(value, arguments)
        default: _ = try arguments.bound(to: [])
        }
        switch filter {
        case .length: return .integer(try count(of: value))
        case .list: return try budget.sequence(try elements(of: value))
        case .first:
            if case .sequence(let sequence) = value, let first = sequence.items.first { return first }
            return try elements(of: value).first ?? .undefined(.noElement)
        case .last:
            if case .sequence(let sequence) = value, sequence.kind == .generator {
                throw arguments.invalid("needs a list; '|list' makes a generator one")
            }
            return try elements(of: value).last ?? .undefined(.noElement)
        case .reverse:
            if case .string(let text) = value {
                try budget.collection(count: text.string.codePointCount)
                return .string(TemplateText.empty.joining(text.codePoints.reversed()))
            }
            return try budget.sequence(try elements(of: value).reversed(), kind: .generator)
        default:
            if value.isUndefined { return try budget.sequence([], kind: .generator) }
            guard case .dictionary(let dictionary) = value else {
                return try budget.generator([], fault: arguments.invalid("needs a dictionary"))
            }
            return try budget.pairs(of: dictionary, kind: .generator)
        }
    }

    mutating func count(of value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text):
            try budget.work(byteCount: text.byteCount)
            return text.string.codePointCount
        case .sequence(let sequence) where sequence.kind != .generator: return sequence.items.count
        case .dictionary(let dictionary): return dictionary.count
        default: throw budget.invalid("\(value.kindDescription) has no length")
        }
    }

    private mutating func joined(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["d", "attribute"])
        let separator =
            try values[0].map { value throws(TemplateError) in try budget.text(of: value) } ?? .empty
        let path = try path(values[1])
        var text = TemplateText.empty
        for (index, item) in try elements(of: value).enumerated() {
            if index > 0 { try budget.append(separator, to: &text) }
            try budget.append(try budget.text(of: try self.value(at: path, of: item)), to: &text)
        }
        return .string(text)
    }

    /// Rows of `linecount` items, the last filled up where a filling is given.
    private mutating func batched(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["linecount", "fill_with"], required: 1)
        let size = try arguments.integer(values[0], named: "linecount", default: 1)
        guard size > 0 else { throw arguments.invalid("needs a count above zero") }
        let items: [TemplateValue]
        do { items = try elements(of: value) } catch { return try budget.generator([], fault: error) }
        var rows: [TemplateValue] = []
        for start in stride(from: 0, to: items.count, by: min(size, items.count + 1)) {
            var row = Array(items[start..<min(items.count, start + min(size, items.count))])
            if let filling = values[1], !filling.isNone, row.count < size {
                try budget.collection(count: size)
                row += Array(repeating: filling, count: size - row.count)
            }
            rows.append(try budget.sequence(row))
        }
        return try budget.sequence(rows, kind: .generator)
    }

    /// `slices` columns of nearly equal length, the longer ones first.
    private mutating func sliced(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["slices", "fill_with"], required: 1)
        let sliceCount = try arguments.integer(values[0], named: "slices", default: 1)
        guard sliceCount > 0 else { throw arguments.invalid("needs a count above zero") }
        try budget.collection(count: sliceCount)
        let items: [TemplateValue]
        do { items = try elements(of: value) } catch { return try budget.generator([], fault: error) }
        let (length, longerCount) = items.count.quotientAndRemainder(dividingBy: sliceCount)
        var slices: [TemplateValue] = []
        var start = 0
        for index in 0..<sliceCount {
            let end = start + length + (index < longerCount ? 1 : 0)
            var slice = Array(items[start..<end])
            if let filling = values[1], !filling.isNone, index >= longerCount { slice.append(filling) }
            slices.append(try budget.sequence(slice))
            start = end
        }
        return try budget.sequence(slices, kind: .generator)
    }

    // MARK: Attribute paths

    /// "a.b.0": names and indices to follow from an item; nil and none follow nothing.
    func path(_ attribute: TemplateValue?) throws(TemplateError) -> [TemplateValue] {
        switch attribute {
        case nil, .some(.none): return []
        case .integer?: return attribute.map { [$0] } ?? []
        case .string(let text)?:
            return text.parts(separatedBy: ".").map { part in
                Int(part.string).map { .integer($0) } ?? .string(part)
            }
        default: throw budget.invalid("an attribute is a name or a number")
        }
    }

    mutating func value(
        at path: [TemplateValue], of item: TemplateValue, default fallback: TemplateValue? = nil
    ) throws(TemplateError) -> TemplateValue {
        var value = item
        for part in path {
            value = try self.item(part, of: value)
            if let fallback, value.isUndefined { value = fallback }
        }
        return value
    }
}

extension TemplateBudget {
    mutating func pairs(
        of dictionary: TemplateDictionary, kind: TemplateSequence.Kind
    ) throws(TemplateError) -> TemplateValue {
        var pairs: [TemplateValue] = []
        try collection(count: dictionary.count)
        for entry in dictionary.entries {
            pairs.append(try sequence([entry.key, entry.value], kind: .tuple))
        }
        return try sequence(pairs, kind: kind)
    }
}
