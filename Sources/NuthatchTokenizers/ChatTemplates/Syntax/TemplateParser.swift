/// Builds the tree of a template from its tokens, by recursive descent.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private let limits: TemplateLimits
    private var index = 0
    private var depth = 0
    /// Names read inside each macro being parsed, innermost last.
    var macroNames: [Set<String>] = []
    /// Loops around the current statement, inside the current macro.
    var loopDepth = 0
    /// Filters and tests that there are not, outside of branches. In a branch (an `if`, its test, or an expression with one) they
    /// are errors only where they are reached, as in jinja2 since version 3.
    var unknowns: [TemplateError] = []

    static func statements(
        of source: String, limits: TemplateLimits
    ) throws(TemplateError) -> [TemplateStatement] {
        let tokens = try TemplateLexer.tokens(of: source, limits: limits)
        var parser = TemplateParser(tokens: tokens, limits: limits)
        let statements = try parser.body(until: [], of: nil)
        if let error = parser.unknowns.first { throw error }
        return statements
    }

    private init(tokens: [TemplateToken], limits: TemplateLimits) {
        self.tokens = tokens
        self.limits = limits
    }

    // MARK: The stream

    /// The lexer ends every stream with `.end`, and `advance` never passes it.
    var current: TemplateToken { tokens[index] }
    var next: TemplateToken { tokens[min(index + 1, tokens.count - 1)] }
    var position: TemplatePosition { current.position }

    mutating func advance() {
        index = min(index + 1, tokens.count - 1)
    }

    func isAt(_ symbol: TemplateSymbol) -> Bool { current.kind == .symbol(symbol) }
    func isAt(_ name: String) -> Bool { current.kind == .name(name) }

    mutating func take(_ symbol: TemplateSymbol) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func take(_ name: String) -> Bool {
        guard isAt(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: TemplateSymbol) throws(TemplateError) {
        guard take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    mutating func expect(_ name: String) throws(TemplateError) {
        guard take(name) else { throw unexpected("'\(name)'") }
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateError) {
        guard current.kind == kind else {
            throw unexpected(TemplateToken(kind: kind, position: position).description)
        }
        advance()
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    func unexpected(_ wanted: String) -> TemplateError {
        malformed("\(wanted) was expected, and \(current.description) found")
    }

    func malformed(_ reason: String) -> TemplateError {
        .malformed(at: position, reason: reason)
    }

    // MARK: Depth

    /// Counts one level of recursion; every recursive rule calls it and `leave` when done.
    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= limits.nestingDepth else {
            throw .limitExceeded(at: position, limit: "nestingDepth", allowed: limits.nestingDepth)
        }
    }

    mutating func leave() {
        depth -= 1
    }
}
