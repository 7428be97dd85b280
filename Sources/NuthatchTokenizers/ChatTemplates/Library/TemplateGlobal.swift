/// Functions every template sees.
enum TemplateGlobal: String, CaseIterable {
    case range
    case dict
    case namespace
    /// A function of `transformers`: ends the rendering with the template's own message.
    case raiseException = "raise_exception"
    /// A function of `transformers`: the current date. Here the caller's: rendering reads no clock.
    case strftimeNow = "strftime_now"
}

extension TemplateEvaluator {
    mutating func call(
        _ global: TemplateGlobal, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch global {
        case .range: return try range(arguments)
        case .dict: return .dictionary(try budget.dictionary(try entries(arguments)))
        case .namespace:
            let entries = try entries(arguments)
            for entry in entries {
                if case .string(let name) = entry.key { try checkAttributeName(name.string) }
            }
            try budget.collection(count: namespaces.count + 1)
            namespaces.append(try budget.dictionary(entries))
            return .namespace(namespaces.count - 1)
        case .raiseException:
            let values = try arguments.bound(to: ["message"], required: 1)
            throw .raised(message: try budget.text(of: values[0] ?? .none).string)
        case .strftimeNow:
            let values = try arguments.bound(to: ["format"], required: 1)
            guard let date else { throw .dateMissing(at: budget.position) }
            return .string(
                try budget.formatted(date, with: try arguments.spelling(values[0], named: "format")))
        }
    }

    private mutating func range(_ arguments: TemplateArguments) throws(TemplateError) -> TemplateValue {
        let values = try arguments.bound(to: ["start", "stop", "step"], required: 1)
        var bounds: [Int] = []
        for value in values {
            guard let value else { break }
            bounds.append(try arguments.integer(value, named: "range", default: 0))
        }
        let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
        let step = bounds.count == 3 ? bounds[2] : 1
        guard step != 0 else { throw arguments.invalid("has a step of zero") }
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        let limit = budget.limits.rangeCount
        let count = distance / step + (distance % step == 0 ? 0 : 1)
        guard !overflow, step == -1 ? distance > -limit : count <= limit else {
            if (step > 0) == (stop > start) { throw budget.exceeded("rangeCount", limit) }
            return try budget.sequence([], kind: .range(start: start, stop: stop, step: step))
        }
        let items = stride(from: start, to: stop, by: step).map { TemplateValue.integer($0) }
        return try budget.sequence(items, kind: .range(start: start, stop: stop, step: step))
    }

    /// `f(mapping or pairs, name=value)`.
    private mutating func entries(
        _ arguments: TemplateArguments
    ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        guard arguments.positional.count <= 1 else { throw arguments.invalid("takes at most 1 argument") }
        var entries: [(key: TemplateValue, value: TemplateValue)] = []
        switch arguments.positional.first {
        case nil: break
        case .dictionary(let dictionary): entries = dictionary.entries
        case .some(let pairs):
            for pair in try elements(of: pairs) {
                let items = try elements(of: pair)
                guard items.count == 2 else { throw arguments.invalid("needs pairs of key and value") }
                entries.append((items[0], items[1]))
            }
        }
        return entries + arguments.named.map { (.string($0.name), $0.value) }
    }
}
