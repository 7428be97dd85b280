/// Filters that compare the items of a value.
extension TemplateEvaluator {
    private typealias Keyed = (key: TemplateValue, item: TemplateValue)

    mutating func applyOrder(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch filter {
        case .sort:
            let values = try arguments.bound(to: ["reverse", "case_sensitive", "attribute"])
            let keyed = try keyed(
                value, by: values[2], ignoringCase: values[1]?.isTrue != true, several: true)
            let reversed = try arguments.integer(values[0], named: "reverse", default: 0) != 0
            let sorted = try budget.sorted(keyed, reversed: reversed) { $0.key }
            return try budget.sequence(sorted.map(\.item))
        case .unique:
            let values = try arguments.bound(to: ["case_sensitive", "attribute"])
            var kept: [TemplateValue] = []
            do {
                try unique(
                    try keyed(value, by: values[1], ignoringCase: values[0]?.isTrue != true), into: &kept)
            } catch {
                return try budget.generator(kept, fault: error)
            }
            return try budget.generator(kept, fault: nil)
        case .min, .max:
            let values = try arguments.bound(to: ["case_sensitive", "attribute"])
            let keyed = try keyed(value, by: values[1], ignoringCase: values[0]?.isTrue != true)
            return try extreme(keyed, isLargest: filter == .max)
        case .groupby: return try grouped(value, arguments)
        case .dictsort: return try dictionarySorted(value, arguments)
        default:
            let values = try arguments.bound(to: ["attribute", "start"])
            let path = try path(values[0])
            var total = values[1] ?? .integer(0)
            if case .string = total { throw arguments.invalid("does not add up strings") }
            for item in try elements(of: value) {
                total = try budget.apply(.add, total, try self.value(at: path, of: item))
            }
            return total
        }
    }

    /// Items with what they are compared by. `several` allows "a,b": first by a, then by b.
    private mutating func keyed(
        _ value: TemplateValue, by attribute: TemplateValue?, ignoringCase: Bool, several: Bool = false
    ) throws(TemplateError) -> [Keyed] {
        var paths = [try path(attribute)]
        if several, case .string(let text)? = attribute, text.string.contains(",") {
            paths = []
            for part in text.parts(separatedBy: ",") { paths.append(try path(.string(part))) }
        }
        var keyed: [Keyed] = []
        for item in try elements(of: value) {
            var keys: [TemplateValue] = []
            for path in paths {
                let key = try self.value(at: path, of: item)
                keys.append(ignoringCase ? try lowercased(key) : key)
            }
            // Sorting compares lists, whose equal members it never puts in order: several undefined ones are no failure.
            keyed.append((several ? try budget.sequence(keys) : keys[0], item))
        }
        return keyed
    }

    private mutating func lowercased(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        guard case .string(let text) = value else { return value }
        try budget.work(byteCount: text.byteCount)
        return .string(text.respelled { $0.lowercased() })
    }

    private mutating func unique(_ keyed: [Keyed], into kept: inout [TemplateValue]) throws(TemplateError) {
        var seen: Set<TemplateKey> = []
        for (key, item) in keyed where seen.insert(try budget.key(of: key)).inserted { kept.append(item) }
    }

    private mutating func extreme(_ keyed: [Keyed], isLargest: Bool) throws(TemplateError) -> TemplateValue {
        guard var best = keyed.first else { return .undefined(.noElement) }
        for candidate in keyed.dropFirst() {
            let isBetter =
                isLargest
                ? try budget.precedes(best.key, candidate.key) : try budget.precedes(candidate.key, best.key)
            if isBetter { best = candidate }
        }
        return best.item
    }

    private mutating func grouped(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["attribute", "default", "case_sensitive"], required: 1)
        let path = try path(values[0])
        let ignoresCase = values[2]?.isTrue != true
        var keyed: [(key: TemplateValue, item: (grouper: TemplateValue, item: TemplateValue))] = []
        for item in try elements(of: value) {
            let grouper = try self.value(at: path, of: item, default: values[1])
            keyed.append((ignoresCase ? try lowercased(grouper) : grouper, (grouper, item)))
        }
        var groups: [(key: TemplateValue, grouper: TemplateValue, items: [TemplateValue])] = []
        for (key, entry) in try budget.sorted(keyed, reversed: false, by: { $0.key }) {
            if let last = groups.last, try budget.areEqual(last.key, key) {
                groups[groups.count - 1].items.append(entry.item)
            } else {
                groups.append((key, entry.grouper, [entry.item]))
            }
        }
        var tuples: [TemplateValue] = []
        for group in groups {
            let items = try budget.sequence(group.items)
            tuples.append(try budget.sequence([group.grouper, items], kind: .group))
        }
        return try budget.sequence(tuples)
    }

    private mutating func dictionarySorted(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["case_sensitive", "by", "reverse"])
        let by =
            try values[1].map { value throws(TemplateError) in try arguments.text(value, named: "by") }
            ?? "key"
        guard by == "key" || by == "value" else { throw arguments.invalid("sorts by 'key' or 'value'") }
        guard case .dictionary(let dictionary) = value else { throw arguments.invalid("needs a dictionary") }
        var keyed: [Keyed] = []
        for entry in dictionary.entries {
            let compared = by == "key" ? entry.key : entry.value
            let key = values[0]?.isTrue == true ? compared : try lowercased(compared)
            keyed.append((key, try budget.sequence([entry.key, entry.value], kind: .tuple)))
        }
        let reversed = try arguments.integer(values[2], named: "reverse", default: 0) != 0
        let sorted = try budget.sorted(keyed, reversed: reversed) { $0.key }
        return try budget.sequence(sorted.map(\.item))
    }
}
