/// Statements and the text between them.
extension TemplateParser {
    /// Tags that stand on their own or open a block.
    static let tags = [
        "set", "if", "for", "macro", "call", "filter", "with", "block", "generation", "raw", "break",
        "continue",
        "print",
    ]

    /// Everything up to a tag named in `ends`, whose name is left as the current token; up to the end of the
    /// template where `ends` is empty. `opener` names the block for the message when it is never closed.
    mutating func body(
        until ends: [String], of opener: (name: String, position: TemplatePosition)?
    ) throws(TemplateError) -> [TemplateStatement] {
        try enter()
        defer { leave() }
        var statements: [TemplateStatement] = []
        while true {
            let start = position
            switch current.kind {
            case .text(let text):
                advance()
                statements.append(TemplateStatement(kind: .text(text), position: start))
            case .outputBegin:
                advance()
                let value = try tupleOrExpression()
                try expect(.outputEnd)
                statements.append(TemplateStatement(kind: .output(value), position: start))
            case .tagBegin:
                advance()
                if case .name(let name) = current.kind, ends.contains(name) { return statements }
                statements += try statement()
                try expect(.tagEnd)
            default:
                guard let opener else { return statements }
                throw .malformed(
                    at: opener.position,
                    reason: "'\(opener.name)' has no end '\(ends.first { $0.hasPrefix("end") } ?? "")'")
            }
        }
    }

    /// The body of a block: from behind its opening tag to behind its end tag's name.
    mutating func block(
        _ name: String, at start: TemplatePosition, end: String
    ) throws(TemplateError) -> [TemplateStatement] {
        _ = take(.colon)
        try expect(.tagEnd)
        let statements = try body(until: [end], of: (name, start))
        advance()
        return statements
    }

    private mutating func statement() throws(TemplateError) -> [TemplateStatement] {
        let start = position
        let name = try expectName()
        let kind: TemplateStatement.Kind
        switch name {
        case "set": kind = try set(at: start)
        case "if": kind = try branch(at: start)
        case "for": kind = try loop(at: start)
        case "macro": kind = .macro(try macro(at: start))
        case "call": kind = try call(at: start)
        case "filter":
            let filters = try filterChain(startsInline: true)
            kind = .filter(filters, body: try block(name, at: start, end: "endfilter"))
        case "with": kind = try with(at: start)
        case "block":
            let blockName = try expectName()
            kind = .scope(try block(name, at: start, end: "endblock"))
            _ = take(blockName)
        case "generation": kind = .generation(try block(name, at: start, end: "endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else {
                throw .malformed(at: start, reason: "'\(name)' stands outside a loop")
            }
            kind = name == "break" ? .breakLoop : .continueLoop
        case "print":
            var outputs: [TemplateStatement] = []
            repeat {
                outputs.append(TemplateStatement(kind: .output(try expression()), position: start))
            } while take(.comma)
            return outputs
        default:
            throw unknown(name, at: start)
        }
        return [TemplateStatement(kind: kind, position: start)]
    }

    private func unknown(_ name: String, at start: TemplatePosition) -> TemplateError {
        if name.hasPrefix("end") || name == "else" || name == "elif" {
            return .malformed(at: start, reason: "'\(name)' closes nothing that is open")
        }
        return .unsupported(
            at: start, construct: "the tag '\(name)'", supported: Self.tags.joined(separator: ", "))
    }

    // MARK: Assignments

    private mutating func set(at start: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        let target = try target(allowsAttribute: true)
        if take(.assign) { return .set(target, try tupleOrExpression()) }
        let filters = try filterChain(startsInline: false)
        return .setBlock(target, filters: filters, body: try block("set", at: start, end: "endset"))
    }

    private mutating func with(at start: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        var assignments: [(target: TemplateTarget, value: TemplateExpression)] = []
        while current.kind != .tagEnd {
            if !assignments.isEmpty { try expect(.comma) }
            let target = try target(allowsAttribute: false)
            try expect(.assign)
            assignments.append((target, try expression()))
        }
        return .with(assignments, body: try block("with", at: start, end: "endwith"))
    }

    /// A name, `namespace.attribute`, or several with commas, with or without brackets.
    private mutating func target(allowsAttribute: Bool) throws(TemplateError) -> TemplateTarget {
        var targets = [try singleTarget(allowsAttribute: allowsAttribute)]
        var isTuple = false
        while take(.comma) {
            isTuple = true
            guard case .name(let name) = current.kind, name != "in" else {
                guard isAt(.openParenthesis) else { break }
                targets.append(try singleTarget(allowsAttribute: allowsAttribute))
                continue
            }
            targets.append(try singleTarget(allowsAttribute: allowsAttribute))
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func singleTarget(allowsAttribute: Bool) throws(TemplateError) -> TemplateTarget {
        if take(.openParenthesis) {
            try enter()
            defer { leave() }
            let inner = try target(allowsAttribute: allowsAttribute)
            try expect(.closeParenthesis)
            return inner
        }
        let name = try expectName()
        guard !Self.constants.keys.contains(name) else { throw malformed("'\(name)' cannot be assigned to") }
        guard allowsAttribute, take(.dot) else { return .name(name) }
        return .attribute(of: name, name: try expectName())
    }

    // MARK: Control flow

    private mutating func branch(at start: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        let unknownCount = unknowns.count
        defer { unknowns.removeSubrange(unknownCount...) }
        var branches: [TemplateBranch] = []
        while true {
            let test = try tupleOrExpression(allowsCondition: false)
            _ = take(.colon)
            try expect(.tagEnd)
            let statements = try body(until: ["elif", "else", "endif"], of: ("if", start))
            branches.append(TemplateBranch(test: test, body: statements))
            if take("elif") { continue }
            if take("else") {
                return .branch(branches, otherwise: try block("else", at: start, end: "endif"))
            }
            advance()
            return .branch(branches, otherwise: [])
        }
    }

    private mutating func loop(at start: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        let target = try target(allowsAttribute: false)
        try expect("in")
        let sequence = try tupleOrExpression(allowsCondition: false, end: "recursive")
        let filter = take("if") ? try expression() : nil
        let isRecursive = take("recursive")
        _ = take(.colon)
        try expect(.tagEnd)
        loopDepth += 1
        let statements = try body(until: ["endfor", "else"], of: ("for", start))
        loopDepth -= 1
        var otherwise: [TemplateStatement] = []
        if take("else") {
            otherwise = try block("else", at: start, end: "endfor")
        } else {
            advance()
        }
        return .loop(
            TemplateLoopStatement(
                target: target, sequence: sequence, filter: filter, body: statements, otherwise: otherwise,
                isRecursive: isRecursive))
    }

    // MARK: Macros

    private mutating func macro(at start: TemplatePosition) throws(TemplateError) -> TemplateMacroStatement {
        let name = try expectName()
        return try macro(named: name, parameters: try parameters(), tag: "macro", at: start)
    }

    private mutating func call(at start: TemplatePosition) throws(TemplateError) -> TemplateStatement.Kind {
        let parameters = isAt(.openParenthesis) ? try parameters() : []
        let callStart = position
        guard case .suffixed(let callee, let suffixes) = try expression(), let last = suffixes.last,
            case .call(let arguments) = last.kind
        else {
            throw .malformed(at: callStart, reason: "'call' needs a call of a macro")
        }
        let macro = suffixes.count == 1 ? callee : .suffixed(callee, suffixes.dropLast())
        let body = try self.macro(named: "caller", parameters: parameters, tag: "call", at: start)
        return .call(body, callee: macro, arguments: arguments)
    }

    private mutating func macro(
        named name: String, parameters: [(name: String, defaultValue: TemplateExpression?)], tag: String,
        at start: TemplatePosition
    ) throws(TemplateError) -> TemplateMacroStatement {
        macroNames.append([])
        let outerLoopDepth = loopDepth
        loopDepth = 0
        let body = try block(tag, at: start, end: "end" + tag)
        loopDepth = outerLoopDepth
        let names = macroNames.removeLast()
        return TemplateMacroStatement(
            name: name, parameters: parameters, body: body, takesExtraPositional: names.contains("varargs"),
            takesExtraNamed: names.contains("kwargs"))
    }

    private mutating func parameters() throws(TemplateError) -> [(
        name: String, defaultValue: TemplateExpression?
    )] {
        try expect(.openParenthesis)
        var parameters: [(name: String, defaultValue: TemplateExpression?)] = []
        while !isAt(.closeParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let name = try expectName()
            let value = take(.assign) ? try expression() : nil
            if value == nil, parameters.last?.defaultValue != nil {
                throw malformed("the parameter '\(name)' without a default follows one with a default")
            }
            parameters.append((name, value))
        }
        advance()
        return parameters
    }
}
