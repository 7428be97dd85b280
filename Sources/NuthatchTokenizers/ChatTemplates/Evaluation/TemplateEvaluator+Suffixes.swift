extension TemplateEvaluator {
    /// Applies what follows a value, left to right.
    mutating func apply(
        _ suffixes: [TemplateSuffix], to base: TemplateValue, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var value = base
        for suffix in suffixes {
            try budget.step()
            switch suffix.kind {
            case .member(let name):
                budget.position = suffix.position
                value = try member(name, of: value)
            case .item(let index):
                let index = try evaluate(index, in: scope)
                budget.position = suffix.position
                value = try item(index, of: value)
            case .slice(let start, let stop, let step):
                value = try slice(value, start, stop, step, at: suffix.position, in: scope)
            case .call(let arguments):
                let arguments = try evaluate(
                    arguments, of: value.calleeDescription, at: suffix.position, in: scope)
                budget.position = suffix.position
                value = try call(value, arguments)
            case .filter(let filter, let arguments):
                let arguments = try evaluate(
                    arguments, of: "the filter '\(filter.rawValue)'", at: suffix.position, in: scope)
                budget.position = suffix.position
                value = try apply(filter, to: value, arguments)
            case .test(let test, let arguments, let isNegated):
                let arguments = try evaluate(
                    arguments, of: "the test '\(test.rawValue)'", at: suffix.position, in: scope)
                budget.position = suffix.position
                value = .bool(try holds(test, for: value, arguments) != isNegated)
            case .unknown(let construct): try construct.refuse()
            }
        }
        return value
    }

    mutating func evaluate(
        _ list: TemplateArgumentList, of callee: String, at position: TemplatePosition,
        in scope: TemplateScope
    ) throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments(callee: callee, position: position)
        for value in list.positional { arguments.positional.append(try evaluate(value, in: scope)) }
        for (name, value) in list.named { arguments.named.append((name, try evaluate(value, in: scope))) }
        if let spread = list.spread {
            let values = try evaluate(spread, in: scope)
            arguments.positional += try elements(of: values)
        }
        if let spread = list.namedSpread {
            guard case .dictionary(let values) = try evaluate(spread, in: scope) else {
                throw arguments.invalid("needs a dictionary behind '**'")
            }
            for entry in values.entries {
                guard case .string(let name) = entry.key else {
                    throw arguments.invalid("needs names as keys behind '**'")
                }
                arguments.named.append((name.string, entry.value))
            }
        }
        return arguments
    }

    // MARK: Members and items

    /// `value.name`: a method or member first, then an item of that name.
    mutating func member(_ name: String, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if case .undefined(let undefined) = value { throw self.undefined(undefined) }
        if let own = try ownMember(name, of: value) { return own }
        if case .dictionary(let dictionary) = value, let item = dictionary[name] { return item }
        return .undefined(.member(name, ofKind: value.kindDescription))
    }

    /// `value[index]`: an item first, then a method or member of that name. An index out of range, and one
    /// that the value does not take, gives something undefined.
    mutating func item(
        _ index: TemplateValue, of value: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined(let undefined): throw self.undefined(undefined)
        case .dictionary(let dictionary):
            if index.isHashable, let item = dictionary[try budget.key(of: index)] { return item }
        case .sequence(let sequence) where sequence.kind.hasIndex:
            if let place = index.wholeNumber.flatMap({ Self.place($0, count: sequence.items.count) }) {
                return sequence.items[place]
            }
        case .string(let text):
            try budget.work(byteCount: text.byteCount)
            let count = text.string.codePointCount
            if let place = index.wholeNumber.flatMap({ Self.place($0, count: count) }) {
                return .string(text[codePoints: place..<place + 1])
            }
        default: break
        }
        if case .string(let name) = index, let own = try ownMember(name.string, of: value) { return own }
        let shown = index.isHashable ? try budget.representation(of: index).string : index.kindDescription
        return .undefined(.member(shown, ofKind: value.kindDescription))
    }

    private static func place(_ index: Int, count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    private mutating func ownMember(
        _ name: String, of value: TemplateValue
    ) throws(TemplateError) -> TemplateValue? {
        switch value {
        case .loop(let number): return try member(name, ofLoop: number)
        case .namespace(let number): return namespaces[number][name]
        case .sequence(let sequence) where sequence.kind == .group:
            if name == "grouper" { return sequence.items.first }
            if name == "list" { return sequence.items.last }
        default: break
        }
        if TemplateMethods.mutating(value).contains(name) {
            return .callable(.forbidden(name, ofKind: value.kindDescription))
        }
        return TemplateMethods.names(value).contains(name) ? .callable(.method(name, of: value)) : nil
    }

    // MARK: Slices

    private mutating func slice(
        _ value: TemplateValue, _ start: TemplateExpression?, _ stop: TemplateExpression?,
        _ step: TemplateExpression?, at position: TemplatePosition, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        let start = try bound(start, in: scope)
        let stop = try bound(stop, in: scope)
        let step = try bound(step, in: scope) ?? 1
        budget.position = position
        guard step != 0 else { throw budget.invalid("the step of a slice is zero") }
        switch value {
        case .undefined(let undefined): throw self.undefined(undefined)
        case .string(let text):
            try budget.text(byteCount: text.byteCount)
            let places = Self.places(start, stop, step, count: text.string.codePointCount)
            guard let first = places.first, let last = places.last else { return .string(.empty) }
            if step == 1 { return .string(text[codePoints: first..<last + 1]) }
            try budget.collection(count: places.count)
            let offsets = text.codePointOffsets
            return .string(TemplateText.empty.joining(places.map { text[offsets[$0]..<offsets[$0 + 1]] }))
        case .sequence(let sequence) where sequence.kind.hasIndex:
            let places = Self.places(start, stop, step, count: sequence.items.count)
            let kind: TemplateSequence.Kind = sequence.kind == .list ? .list : .tuple
            return try budget.sequence(places.map { sequence.items[$0] }, kind: kind)
        default:
            throw budget.invalid("\(value.kindDescription) has no slices")
        }
    }

    private mutating func bound(
        _ expression: TemplateExpression?, in scope: TemplateScope
    ) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression, in: scope)
        if value.isNone { return nil }
        guard let number = value.wholeNumber else {
            throw budget.invalid("\(value.kindDescription) is no bound of a slice")
        }
        return number
    }

    /// Python's rule: negative bounds count from the end, and all are brought into range.
    private static func places(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> [Int] {
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        func clamped(_ bound: Int) -> Int { min(max(bound < 0 ? bound + count : bound, low), high) }
        let first = start.map(clamped) ?? (step > 0 ? low : high)
        let last = stop.map(clamped) ?? (step > 0 ? high : low)
        return Array(stride(from: first, to: last, by: min(max(step, -count - 1), count + 1)))
    }
}

extension TemplateValue {
    /// Whether Python would take it as a key.
    var isHashable: Bool {
        switch self {
        case .undefined, .none, .bool, .integer, .float, .string: true
        case .sequence(let sequence): sequence.kind.isTuple && sequence.items.allSatisfy(\.isHashable)
        default: false
        }
    }

    fileprivate var calleeDescription: String {
        switch self {
        case .callable(.global(let global)): "'\(global.rawValue)'"
        case .callable(.method(let name, _)), .callable(.forbidden(let name, _)): "'\(name)'"
        case .callable(.macro): "the macro"
        default: kindDescription
        }
    }
}
