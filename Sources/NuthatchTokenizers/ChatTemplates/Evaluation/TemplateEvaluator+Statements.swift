/// What a list of statements ended with.
enum TemplateFlow {
    case done, breakLoop, continueLoop
}

extension TemplateEvaluator {
    mutating func execute(
        _ statements: [TemplateStatement], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateFlow {
        try enter()
        defer { leave() }
        for statement in statements {
            let flow = try execute(statement, in: scope)
            if flow != .done { return flow }
        }
        return .done
    }

    private mutating func execute(
        _ statement: TemplateStatement, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateFlow {
        try budget.step()
        budget.position = statement.position
        switch statement.kind {
        case .text(let text): try write(TemplateText(own: text))
        case .output(let expression): try print(expression, in: scope)
        case .set(let target, let expression):
            try assign(try evaluate(expression, in: scope), to: target, in: scope)
        case .setBlock(let target, let filters, let body):
            let text = try captured(body, in: TemplateScope(inside: scope))
            try assign(try apply(filters, to: .string(text), in: scope), to: target, in: scope)
        case .branch(let branches, let otherwise):
            return try execute(branches, otherwise: otherwise, in: scope)
        case .loop(let loop):
            try execute(loop, over: try evaluate(loop.sequence, in: scope), in: scope)
        case .with(let assignments, let body):
            let inner = TemplateScope(inside: scope)
            for assignment in assignments {
                try assign(try evaluate(assignment.value, in: scope), to: assignment.target, in: inner)
            }
            return try execute(body, in: inner)
        case .macro(let macro):
            scope.set(try define(macro, in: scope), named: macro.name)
        case .call(let body, let callee, let arguments):
            try execute(call: callee, arguments, body: body, at: statement.position, in: scope)
        case .filter(let filters, let body):
            let text = try captured(body, in: TemplateScope(inside: scope))
            try write(try budget.text(of: try apply(filters, to: .string(text), in: scope)))
        case .scope(let body): return try execute(body, in: TemplateScope(inside: scope))
        case .generation(let body): return try execute(body, in: TemplateScope(inside: scope))
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .done
    }

    private mutating func print(
        _ expression: TemplateExpression, in scope: TemplateScope
    ) throws(TemplateError) {
        try write(try budget.text(of: try evaluate(expression, in: scope)))
    }

    private mutating func execute(
        _ branches: [TemplateBranch], otherwise: [TemplateStatement], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateFlow {
        for branch in branches where try evaluate(branch.test, in: scope).isTrue {
            return try execute(branch.body, in: scope)
        }
        return try execute(otherwise, in: scope)
    }

    /// `{% call(x) macro(...) %}body{% endcall %}`: the body becomes the macro's `caller`.
    private mutating func execute(
        call callee: TemplateExpression, _ arguments: TemplateArgumentList, body: TemplateMacroStatement,
        at position: TemplatePosition, in scope: TemplateScope
    ) throws(TemplateError) {
        let function = try evaluate(callee, in: scope)
        var values = try evaluate(arguments, of: "the call block", at: position, in: scope)
        values.named.append(("caller", try define(body, in: scope)))
        try write(try budget.text(of: try call(function, values)))
    }

    private mutating func define(
        _ macro: TemplateMacroStatement, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateValue {
        try budget.collection(count: macros.count + 1)
        macros.append((macro, scope))
        return .callable(.macro(macros.count - 1))
    }

    // MARK: Assignment

    mutating func assign(
        _ value: TemplateValue, to target: TemplateTarget, in scope: TemplateScope
    ) throws(TemplateError) {
        switch target {
        case .name(let name): scope.set(value, named: name)
        case .attribute(let owner, let name):
            guard case .namespace(let index)? = scope.value(of: owner) else {
                throw budget.invalid("'\(owner)' is no namespace, so '\(owner).\(name)' cannot be set")
            }
            try checkAttributeName(name)
            guard value.depth < budget.limits.valueDepth else {
                throw budget.exceeded("valueDepth", budget.limits.valueDepth)
            }
            namespaces[index].set(value, named: name)
        case .tuple(let targets):
            let values = try elements(of: value)
            guard values.count == targets.count else {
                throw budget.invalid("\(values.count) values cannot be assigned to \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target, in: scope) }
        }
    }

    /// As `transformers` does, a namespace takes no private names.
    func checkAttributeName(_ name: String) throws(TemplateError) {
        guard !name.hasPrefix("_") else {
            throw .forbidden(at: budget.position, reason: "'\(name)' is a private name")
        }
    }
}
