/// Expressions, lowest rank first: condition, or, and, not, comparison, sum, `~`, product, power, sign, suffixes.
extension TemplateParser {
    static let constants: [String: TemplateValue] = [
        "true": .bool(true), "True": .bool(true), "false": .bool(false), "False": .bool(false),
        "none": .none, "None": .none,
    ]

    /// An expression, or several with commas: a tuple.
    mutating func tupleOrExpression(
        allowsCondition: Bool = true, end: String? = nil, allowsEmpty: Bool = false
    ) throws(TemplateError) -> TemplateExpression {
        var items: [TemplateExpression] = []
        var isTuple = false
        while !isAtTupleEnd(end) {
            items.append(try allowsCondition ? expression() : disjunction())
            guard take(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = items.first { return only }
        guard isTuple || allowsEmpty else { throw unexpected("an expression") }
        return .tuple(items)
    }

    private func isAtTupleEnd(_ end: String?) -> Bool {
        switch current.kind {
        case .outputEnd, .tagEnd, .symbol(.closeParenthesis): true
        case .name(let name): name == end
        default: false
        }
    }

    mutating func expression() throws(TemplateError) -> TemplateExpression {
        try enter()
        defer { leave() }
        let unknownCount = unknowns.count
        let value = try disjunction()
        var conditions: [TemplateCondition] = []
        while take("if") {
            let test = try disjunction()
            let otherwise = take("else") ? try expression() : nil
            conditions.append(TemplateCondition(test: test, otherwise: otherwise))
        }
        if conditions.isEmpty { return value }
        unknowns.removeSubrange(unknownCount...)
        return .conditional(value, conditions)
    }

    mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        var operands = [try conjunction()]
        while take("or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : .any(operands)
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var operands = [try negation()]
        while take("and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : .all(operands)
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        guard take("not") else { return try comparison() }
        try enter()
        defer { leave() }
        return .not(try negation())
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let first = try sum()
        var operations: [TemplateOperation] = []
        while let (operation, start) = takeComparison() {
            operations.append(
                TemplateOperation(operation: operation, operand: try sum(), position: start))
        }
        return operations.isEmpty ? first : .comparison(first, operations)
    }

    private mutating func takeComparison() -> (TemplateOperation.Operator, TemplatePosition)? {
        let start = position
        let operation: TemplateOperation.Operator
        switch current.kind {
        case .symbol(.equal): operation = .equal
        case .symbol(.notEqual): operation = .notEqual
        case .symbol(.less): operation = .less
        case .symbol(.lessOrEqual): operation = .lessOrEqual
        case .symbol(.greater): operation = .greater
        case .symbol(.greaterOrEqual): operation = .greaterOrEqual
        case .name("in"): operation = .isIn
        case .name("not") where next.kind == .name("in"):
            advance()
            operation = .isNotIn
        default: return nil
        }
        advance()
        return (operation, start)
    }

    // MARK: Arithmetic

    private mutating func sum() throws(TemplateError) -> TemplateExpression {
        let first = try concatenation()
        var operations: [TemplateOperation] = []
        while let operation = additiveOperator {
            let start = position
            advance()
            operations.append(
                TemplateOperation(operation: operation, operand: try concatenation(), position: start))
        }
        return operations.isEmpty ? first : .arithmetic(first, operations)
    }

    private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
        var operands = [try product()]
        let start = position
        while take(.concatenate) { operands.append(try product()) }
        return operands.count == 1 ? operands[0] : .concatenated(operands, start)
    }

    private mutating func product() throws(TemplateError) -> TemplateExpression {
        let first = try power()
        var operations: [TemplateOperation] = []
        while let operation = multiplicativeOperator {
            let start = position
            advance()
            operations.append(
                TemplateOperation(operation: operation, operand: try power(), position: start))
        }
        return operations.isEmpty ? first : .arithmetic(first, operations)
    }

    /// Left to right, unlike Python's.
    private mutating func power() throws(TemplateError) -> TemplateExpression {
        let first = try signed(allowsFilters: true)
        var operations: [TemplateOperation] = []
        while isAt(.power) {
            let start = position
            advance()
            operations.append(
                TemplateOperation(
                    operation: .power, operand: try signed(allowsFilters: true), position: start))
        }
        return operations.isEmpty ? first : .arithmetic(first, operations)
    }

    private var additiveOperator: TemplateOperation.Operator? {
        switch current.kind {
        case .symbol(.plus): .add
        case .symbol(.minus): .subtract
        default: nil
        }
    }

    private var multiplicativeOperator: TemplateOperation.Operator? {
        switch current.kind {
        case .symbol(.times): .multiply
        case .symbol(.divide): .divide
        case .symbol(.floorDivide): .floorDivide
        case .symbol(.remainder): .remainder
        default: nil
        }
    }

    /// A sign binds closer than filters: `-x|abs` is `(-x)|abs`.
    private mutating func signed(allowsFilters: Bool) throws(TemplateError) -> TemplateExpression {
        let start = position
        var value: TemplateExpression
        if isAt(.minus) || isAt(.plus) {
            let isMinus = isAt(.minus)
            advance()
            try enter()
            defer { leave() }
            let operand = try signed(allowsFilters: false)
            value = isMinus ? .negated(operand, start) : .positive(operand, start)
        } else {
            value = try primary()
        }
        let suffixes = try suffixes(allowsFilters: allowsFilters)
        if !suffixes.isEmpty { value = .suffixed(value, suffixes) }
        return value
    }

    // MARK: Primaries

    mutating func primary() throws(TemplateError) -> TemplateExpression {
        let start = position
        switch current.kind {
        case .name(let name):
            advance()
            if let constant = Self.constants[name] { return .literal(constant) }
            for index in macroNames.indices { macroNames[index].insert(name) }
            return .name(name, start)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                advance()
                text += more
            }
            return .literal(.own(text))
        case .integer(let value):
            advance()
            return .literal(.integer(value))
        case .float(let value):
            advance()
            return .literal(.float(value))
        case .symbol(.openParenthesis):
            advance()
            let value = try tupleOrExpression(allowsEmpty: true)
            try expect(.closeParenthesis)
            return value
        case .symbol(.openBracket):
            advance()
            return .list(try items(until: .closeBracket))
        case .symbol(.openBrace):
            advance()
            return try dictionary()
        default:
            throw unexpected("an expression")
        }
    }

    private mutating func items(until end: TemplateSymbol) throws(TemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !isAt(end) {
            items.append(try expression())
            guard take(.comma) else { break }
        }
        try expect(end)
        return items
    }

    private mutating func dictionary() throws(TemplateError) -> TemplateExpression {
        var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !isAt(.closeBrace) {
            let key = try expression()
            try expect(.colon)
            entries.append((key, try expression()))
            guard take(.comma) else { break }
        }
        try expect(.closeBrace)
        return .dictionary(entries)
    }
}
