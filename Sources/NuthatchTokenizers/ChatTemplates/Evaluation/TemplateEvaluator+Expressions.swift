extension TemplateEvaluator {
    /// The value of an expression. Each case is a function of its own, to keep this one's stack frame small.
    mutating func evaluate(
        _ expression: TemplateExpression, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        switch expression {
        case .literal(let value): return value
        case .name(let name, let position):
            budget.position = position
            try budget.step()
            return scope.value(of: name) ?? .undefined(.name(name))
        default: break
        }
        try enter()
        defer { leave() }
        switch expression {
        case .literal, .name: return .none
        case .list(let items): return try collection(items, kind: .list, in: scope)
        case .tuple(let items): return try collection(items, kind: .tuple, in: scope)
        case .dictionary(let entries): return try dictionary(entries, in: scope)
        case .suffixed(let base, let suffixes):
            return try apply(suffixes, to: try evaluate(base, in: scope), in: scope)
        case .negated(let operand, let position):
            return try signed(operand, isNegative: true, at: position, in: scope)
        case .positive(let operand, let position):
            return try signed(operand, isNegative: false, at: position, in: scope)
        case .not(let operand): return .bool(!(try evaluate(operand, in: scope).isTrue))
        case .all(let operands): return try firstValue(of: operands, whoseTruthIs: false, in: scope)
        case .any(let operands): return try firstValue(of: operands, whoseTruthIs: true, in: scope)
        case .concatenated(let operands, let position):
            return try concatenation(operands, at: position, in: scope)
        case .arithmetic(let first, let operations): return try arithmetic(first, operations, in: scope)
        case .comparison(let first, let operations): return try comparison(first, operations, in: scope)
        case .conditional(let value, let conditions): return try conditional(value, conditions, in: scope)
        }
    }

    private mutating func collection(
        _ items: [TemplateExpression], kind: TemplateSequence.Kind, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var values: [TemplateValue] = []
        values.reserveCapacity(items.count)
        for item in items { values.append(try evaluate(item, in: scope)) }
        return try budget.sequence(values, kind: kind)
    }

    private mutating func dictionary(
        _ entries: [(key: TemplateExpression, value: TemplateExpression)], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var values: [(key: TemplateValue, value: TemplateValue)] = []
        for entry in entries {
            let key = try evaluate(entry.key, in: scope)
            values.append((key, try evaluate(entry.value, in: scope)))
        }
        return .dictionary(try budget.dictionary(values))
    }

    /// `and` and `or` give the operand that decides, as Python's do.
    private mutating func firstValue(
        of operands: [TemplateExpression], whoseTruthIs truth: Bool, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var value = TemplateValue.none
        for operand in operands {
            value = try evaluate(operand, in: scope)
            if value.isTrue == truth { break }
        }
        return value
    }

    private mutating func concatenation(
        _ operands: [TemplateExpression], at position: TemplatePosition, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var text = TemplateText.empty
        for operand in operands {
            let value = try evaluate(operand, in: scope)
            budget.position = position
            try budget.append(try budget.text(of: value), to: &text)
        }
        return .string(text)
    }

    private mutating func arithmetic(
        _ first: TemplateExpression, _ operations: [TemplateOperation], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var value = try evaluate(first, in: scope)
        for operation in operations {
            let operand = try evaluate(operation.operand, in: scope)
            budget.position = operation.position
            value = try budget.apply(operation.operation, value, operand)
        }
        return value
    }

    private mutating func comparison(
        _ first: TemplateExpression, _ operations: [TemplateOperation], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        var left = try evaluate(first, in: scope)
        for operation in operations {
            let right = try evaluate(operation.operand, in: scope)
            budget.position = operation.position
            guard try budget.holds(operation.operation, left, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private mutating func conditional(
        _ value: TemplateExpression, _ conditions: [TemplateCondition], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        for condition in conditions.reversed() where try !evaluate(condition.test, in: scope).isTrue {
            guard let otherwise = condition.otherwise else { return .undefined(.noResult) }
            return try evaluate(otherwise, in: scope)
        }
        return try evaluate(value, in: scope)
    }

    private mutating func signed(
        _ operand: TemplateExpression, isNegative: Bool, at position: TemplatePosition,
        in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(operand, in: scope)
        budget.position = position
        let zero = TemplateValue.integer(0)
        if case .float(let number) = value { return .float(isNegative ? -number : number) }
        return try budget.apply(isNegative ? .subtract : .add, zero, value)
    }
}
