/// What follows a value: members, subscripts, calls, filters and tests.
extension TemplateParser {
    mutating func suffixes(allowsFilters: Bool) throws(TemplateError) -> [TemplateSuffix] {
        var suffixes: [TemplateSuffix] = []
        var pastFilter = false
        while true {
            let start = position
            switch current.kind {
            case .symbol(.dot) where !pastFilter:
                advance()
                suffixes.append(TemplateSuffix(kind: try member(), position: start))
            case .symbol(.openBracket) where !pastFilter:
                advance()
                suffixes.append(TemplateSuffix(kind: try item(), position: start))
            case .symbol(.openParenthesis):
                suffixes.append(TemplateSuffix(kind: .call(try arguments()), position: start))
            case .symbol(.pipe) where allowsFilters:
                pastFilter = true
                suffixes += try filterChain(startsInline: false)
            case .name("is") where allowsFilters:
                pastFilter = true
                advance()
                suffixes.append(TemplateSuffix(kind: try test(), position: start))
            default:
                return suffixes
            }
        }
    }

    private mutating func member() throws(TemplateError) -> TemplateSuffix.Kind {
        switch current.kind {
        case .name(let name):
            advance()
            return .member(name)
        case .integer(let index):
            advance()
            return .item(.literal(.integer(index)))
        default:
            throw unexpected("a name or a number")
        }
    }

    /// `[i]`, `[start:stop:step]`, or `[a, b]` for a tuple.
    private mutating func item() throws(TemplateError) -> TemplateSuffix.Kind {
        var bounds: [TemplateExpression?] = []
        var bound: TemplateExpression?
        while !isAt(.closeBracket) {
            if take(.colon) {
                bounds.append(bound)
                bound = nil
            } else if bounds.isEmpty, bound == nil {
                bound = try expression()
                if isAt(.comma), let first = bound { return .item(try tupleIndex(first)) }
            } else if bound == nil {
                bound = try expression()
            } else {
                throw unexpected("']'")
            }
        }
        advance()
        if bounds.isEmpty {
            guard let bound else { throw malformed("a subscript is empty") }
            return .item(bound)
        }
        bounds.append(bound)
        guard bounds.count <= 3 else { throw malformed("a slice has at most three parts") }
        return .slice(start: bounds[0], stop: bounds[1], step: bounds.count == 3 ? bounds[2] : nil)
    }

    private mutating func tupleIndex(
        _ first: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var items = [first]
        while take(.comma), !isAt(.closeBracket) { items.append(try expression()) }
        try expect(.closeBracket)
        return .tuple(items)
    }

    mutating func arguments() throws(TemplateError) -> TemplateArgumentList {
        try expect(.openParenthesis)
        var list = TemplateArgumentList()
        while !isAt(.closeParenthesis) {
            if take(.times) {
                guard list.spread == nil else { throw malformed("'*' stands twice in a call") }
                list.spread = try expression()
            } else if take(.power) {
                guard list.namedSpread == nil else { throw malformed("'**' stands twice in a call") }
                list.namedSpread = try expression()
            } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
                advance()
                advance()
                list.named.append((name, try expression()))
            } else {
                guard list.named.isEmpty, list.spread == nil, list.namedSpread == nil else {
                    throw malformed("an argument without a name follows one with a name")
                }
                list.positional.append(try expression())
            }
            guard take(.comma) else { break }
        }
        try expect(.closeParenthesis)
        return list
    }

    // MARK: Filters and tests

    /// `| a | b(x)`; the first bar is left out where the chain starts inline, as in `{% filter a | b %}`.
    mutating func filterChain(startsInline: Bool) throws(TemplateError) -> [TemplateSuffix] {
        var suffixes: [TemplateSuffix] = []
        var isInline = startsInline
        while isInline || take(.pipe) {
            isInline = false
            let start = position
            let name = try expectName()
            let arguments = isAt(.openParenthesis) ? try arguments() : TemplateArgumentList()
            let filter = TemplateFilter(named: name)
            suffixes.append(
                TemplateSuffix(
                    kind: filter.map { .filter($0, arguments) }
                        ?? unknown("the filter '\(name)'", supported: TemplateFilter.supported, at: start),
                    position: start))
        }
        return suffixes
    }

    private mutating func test() throws(TemplateError) -> TemplateSuffix.Kind {
        let isNegated = take("not")
        let start = position
        let name = try expectName()
        let arguments = try testArguments()
        return TemplateTest(named: name).map { .test($0, arguments, negated: isNegated) }
            ?? unknown("the test '\(name)'", supported: TemplateTest.supported, at: start)
    }

    private mutating func unknown(
        _ construct: String, supported: String, at position: TemplatePosition
    ) -> TemplateSuffix.Kind {
        let error = TemplateError.unsupported(at: position, construct: construct, supported: supported)
        unknowns.append(error)
        return .unknown(UnknownConstruct(error))
    }

    /// In brackets, or one value without: `is divisibleby 3`.
    private mutating func testArguments() throws(TemplateError) -> TemplateArgumentList {
        switch current.kind {
        case .symbol(.openParenthesis): return try arguments()
        case .name(let name) where ["else", "or", "and", "if", "not", "in", "recursive"].contains(name):
            return TemplateArgumentList()
        case .name("is"):
            throw malformed("tests cannot be chained with 'is'")
        case .name, .string, .integer, .float, .symbol(.openBracket), .symbol(.openBrace):
            let value = try primary()
            let suffixes = try suffixes(allowsFilters: false)
            let argument = suffixes.isEmpty ? value : TemplateExpression.suffixed(value, suffixes)
            return TemplateArgumentList(positional: [argument])
        default:
            return TemplateArgumentList()
        }
    }
}
