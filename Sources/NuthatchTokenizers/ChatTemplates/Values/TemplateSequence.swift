/// An ordered collection: a list, or one of Python's relatives of it.
struct TemplateSequence: Sendable {
    enum Kind: Sendable, Equatable {
        case list
        case tuple
        /// A tuple of `groupby`, whose members are also called `grouper` and `list`.
        case group
        /// Boxed, like a view's name: values lie in every frame of the evaluator's recursion.
        indirect case range(start: Int, stop: Int, step: Int)
        /// What `map`, `select` and the like return: always true, without length or index.
        case generator
        /// `keys()`, `values()`, `items()` of a dictionary: with a length, without index.
        indirect case view(String)

        var description: String {
            switch self {
            case .list: "a list"
            case .tuple, .group: "a tuple"
            case .range: "a range"
            case .generator: "a generator"
            case .view(let name): name
            }
        }

        var hasIndex: Bool {
            switch self {
            case .list, .tuple, .group, .range: true
            case .generator, .view: false
            }
        }
    }

    let kind: Kind
    let items: [TemplateValue]
    /// Why a generator gives no more than its items: met by whoever asks for all of them, as in Python, where a generator
    /// computes nothing before.
    fileprivate(set) var fault: TemplateFault?
    /// One more than the deepest item.
    let depth: Int
}

/// An error that waits in a generator; a reference, to keep values small.
final class TemplateFault: Sendable {
    let error: TemplateError

    init(_ error: TemplateError) { self.error = error }
}

extension TemplateBudget {
    /// A generator that fails behind its items where a fault is given; what meets a limit fails at once.
    mutating func generator(_ items: [TemplateValue], fault: TemplateError?) throws(TemplateError)
        -> TemplateValue
    {
        if case .limitExceeded? = fault, let fault { throw fault }
        guard case .sequence(var sequence) = try sequence(items, kind: .generator) else { return .none }
        sequence.fault = fault.map(TemplateFault.init)
        return .sequence(sequence)
    }

    /// Makes a collection, or refuses one too long or too deep. All collections are made here.
    mutating func sequence(
        _ items: [TemplateValue], kind: TemplateSequence.Kind = .list
    ) throws(TemplateError) -> TemplateValue {
        try collection(count: items.count)
        return .sequence(TemplateSequence(kind: kind, items: items, depth: try depth(around: items)))
    }

    private func depth(around items: [TemplateValue]) throws(TemplateError) -> Int {
        var depth = 0
        for item in items { depth = max(depth, item.depth) }
        guard depth < limits.valueDepth else { throw exceeded("valueDepth", limits.valueDepth) }
        return depth + 1
    }

    /// Makes a dictionary; a later entry replaces an earlier one of the same key, in the earlier one's place.
    mutating func dictionary(
        _ entries: [(key: TemplateValue, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateDictionary {
        try collection(count: entries.count)
        var dictionary = TemplateDictionary()
        for entry in entries {
            let key = try self.key(of: entry.key)
            let depth = max(entry.key.depth, entry.value.depth)
            guard depth < limits.valueDepth else { throw exceeded("valueDepth", limits.valueDepth) }
            dictionary.set(entry.value, forKey: key, as: entry.key)
        }
        return dictionary
    }
}
