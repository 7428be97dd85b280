/// A loop under way: what its `loop` variable shows.
struct TemplateLoop {
    let statement: TemplateLoopStatement
    let scope: TemplateScope
    let items: [TemplateValue]
    let depth: Int
    var index = 0
    var lastChanged: TemplateValue?
}

extension TemplateEvaluator {
    /// Runs a loop; its body sees a new scope at each turn, so that assignments do not outlive it.
    mutating func execute(
        _ loop: TemplateLoopStatement, over value: TemplateValue, in scope: TemplateScope
    ) throws(TemplateError) {
        var items = try elements(of: value)
        if let filter = loop.filter { items = try kept(items, of: loop, passing: filter, in: scope) }
        guard !items.isEmpty else {
            _ = try execute(loop.otherwise, in: TemplateScope(inside: scope))
            return
        }
        let number = loops.count
        loops.append(TemplateLoop(statement: loop, scope: scope, items: items, depth: number))
        defer { loops.removeLast() }
        for (index, item) in items.enumerated() {
            loops[number].index = index
            let inner = TemplateScope(["loop": .loop(number)], inside: scope)
            try assign(item, to: loop.target, in: inner)
            if try execute(loop.body, in: inner) == .breakLoop { return }
        }
    }

    private mutating func kept(
        _ items: [TemplateValue], of loop: TemplateLoopStatement, passing filter: TemplateExpression,
        in scope: TemplateScope
    ) throws(TemplateError) -> [TemplateValue] {
        var kept: [TemplateValue] = []
        for item in items {
            let inner = TemplateScope(inside: scope)
            try assign(item, to: loop.target, in: inner)
            if try evaluate(filter, in: inner).isTrue { kept.append(item) }
        }
        return kept
    }

    /// The items of anything that can be looped over.
    mutating func elements(of value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .sequence(let sequence):
            if let fault = sequence.fault { throw fault.error }
            try budget.step(sequence.items.count)
            return sequence.items
        case .dictionary(let dictionary):
            try budget.collection(count: dictionary.count)
            return dictionary.entries.map(\.key)
        case .string(let text):
            try budget.collection(count: text.string.codePointCount)
            return text.codePoints.map { .string($0) }
        case .undefined: return []
        default: throw budget.invalid("\(value.kindDescription) cannot be looped over")
        }
    }

    // MARK: The loop variable

    mutating func member(_ name: String, ofLoop number: Int) throws(TemplateError) -> TemplateValue {
        let loop = try loopUnderWay(number)
        let last = loop.items.count - 1
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(last - loop.index + 1)
        case "revindex0": return .integer(last - loop.index)
        case "first": return .bool(loop.index == 0)
        case "last": return .bool(loop.index == last)
        case "length": return .integer(loop.items.count)
        case "depth": return .integer(recursionDepth(of: loop) + 1)
        case "depth0": return .integer(recursionDepth(of: loop))
        case "previtem": return loop.index > 0 ? loop.items[loop.index - 1] : .undefined(.noElement)
        case "nextitem": return loop.index < last ? loop.items[loop.index + 1] : .undefined(.noElement)
        case "cycle", "changed": return .callable(.method(name, of: .loop(number)))
        default: return .undefined(.member(name, ofKind: "a loop"))
        }
    }

    mutating func call(
        _ name: String, ofLoop number: Int, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let loop = try loopUnderWay(number)
        if name == "cycle" {
            guard !arguments.positional.isEmpty else { throw arguments.invalid("needs an argument") }
            return arguments.positional[loop.index % arguments.positional.count]
        }
        let value = try budget.sequence(arguments.positional, kind: .tuple)
        if let last = loop.lastChanged, try budget.areEqual(last, value) { return .bool(false) }
        loops[number].lastChanged = value
        return .bool(true)
    }

    /// `loop(values)` inside a recursive loop: the same loop over other values.
    mutating func call(
        loop number: Int, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let loop = try loopUnderWay(number)
        guard loop.statement.isRecursive else {
            throw arguments.invalid("can be called only in a loop marked 'recursive'")
        }
        guard let values = try arguments.bound(to: ["values"], required: 1)[0] else { return .none }
        return .string(try captured(loop.statement, over: values, in: loop.scope))
    }

    private func loopUnderWay(_ number: Int) throws(TemplateError) -> TemplateLoop {
        guard loops.indices.contains(number) else { throw budget.invalid("the loop is over") }
        return loops[number]
    }

    /// How often a recursive loop has called itself.
    private func recursionDepth(of loop: TemplateLoop) -> Int {
        guard loop.statement.isRecursive else { return 0 }
        return loops.prefix(loop.depth).count { $0.statement.isRecursive }
    }
}
