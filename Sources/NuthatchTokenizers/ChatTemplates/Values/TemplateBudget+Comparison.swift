/// Equality and order of values. Nested values can share parts, so every element visited is counted.
extension TemplateBudget {
    mutating func areEqual(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let left), .string(let right)):
            try work(byteCount: min(left.byteCount, right.byteCount))
            return left.string.hasSameCodePoints(as: right.string)
        case (.sequence(let left), .sequence(let right)):
            return try areEqual(left, right)
        case (.dictionary(let left), .dictionary(let right)):
            guard left.count == right.count else { return false }
            for entry in left.entries {
                guard let other = right[try key(of: entry.key)], try areEqual(entry.value, other) else {
                    return false
                }
            }
            return true
        case (.namespace(let left), .namespace(let right)), (.loop(let left), .loop(let right)):
            return left == right
        default:
            if let left = left.wholeNumber, let right = right.wholeNumber { return left == right }
            if let left = left.number, let right = right.number { return left == right }
            return false
        }
    }

    private mutating func areEqual(
        _ left: TemplateSequence, _ right: TemplateSequence
    ) throws(TemplateError) -> Bool {
        guard left.items.count == right.items.count, left.kind.comparisonKind == right.kind.comparisonKind,
            left.kind.comparisonKind != .generator
        else { return false }
        for (left, right) in zip(left.items, right.items) {
            guard try areEqual(left, right) else { return false }
        }
        return true
    }

    /// Whether `left < right`; only numbers, strings, lists and tuples have an order.
    mutating func precedes(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        if case .undefined(let undefined) = left {
            throw .undefined(at: position, reason: undefined.explanation)
        }
        if case .undefined(let undefined) = right {
            throw .undefined(at: position, reason: undefined.explanation)
        }
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try work(byteCount: min(left.byteCount, right.byteCount))
            return left.string.precedesByCodePoints(right.string)
        case (.sequence(let first), .sequence(let second))
        where first.kind.comparisonKind == second.kind.comparisonKind && first.kind.hasOrder:
            for (left, right) in zip(first.items, second.items) {
                if try !areEqual(left, right) { return try precedes(left, right) }
            }
            return first.items.count < second.items.count
        default:
            if let left = left.wholeNumber, let right = right.wholeNumber { return left < right }
            if let left = left.number, let right = right.number { return left < right }
            throw invalid("\(left.kindDescription) and \(right.kindDescription) have no order")
        }
    }

    /// A stable merge sort; the comparison can throw, which the standard library's sort cannot type.
    mutating func sorted<Element>(
        _ elements: [Element], reversed: Bool, by key: (Element) -> TemplateValue
    ) throws(TemplateError) -> [Element] {
        guard elements.count > 1 else { return elements }
        let middle = elements.count / 2
        let left = try sorted(Array(elements[..<middle]), reversed: reversed, by: key)
        let right = try sorted(Array(elements[middle...]), reversed: reversed, by: key)
        var merged: [Element] = []
        merged.reserveCapacity(elements.count)
        var (first, second) = (0, 0)
        while first < left.count, second < right.count {
            let (a, b) = (key(left[first]), key(right[second]))
            let takesRight = reversed ? try precedes(a, b) : try precedes(b, a)
            if takesRight {
                merged.append(right[second])
                second += 1
            } else {
                merged.append(left[first])
                first += 1
            }
        }
        return merged + left[first...] + right[second...]
    }
}

extension TemplateSequence.Kind {
    /// Kinds whose members may equal one another.
    fileprivate var comparisonKind: TemplateSequence.Kind {
        switch self {
        case .group: .tuple
        case .range: .range(start: 0, stop: 0, step: 1)
        default: self
        }
    }

    fileprivate var hasOrder: Bool {
        switch self {
        case .list, .tuple, .group: true
        default: false
        }
    }
}
