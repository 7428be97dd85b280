extension TemplateEvaluator {
    mutating func call(
        _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined(let undefined): throw self.undefined(undefined)
        case .loop(let number): return try call(loop: number, arguments)
        case .callable(.global(let global)): return try call(global, arguments)
        case .callable(.macro(let number)): return try call(macro: number, arguments)
        case .callable(.forbidden(let name, let kind)):
            throw .forbidden(at: budget.position, reason: "'\(name)' would change \(kind)")
        case .callable(.method(let name, let receiver)):
            return try call(method: name, of: receiver, arguments)
        default: throw budget.invalid("\(value.kindDescription) cannot be called")
        }
    }

    private mutating func call(
        method name: String, of receiver: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        switch receiver {
        case .loop(let number): return try call(name, ofLoop: number, arguments)
        case .string(let text):
            try budget.work(byteCount: text.byteCount)
            return try TemplateMethods.call(name, of: text, arguments, in: &self)
        case .dictionary(let dictionary):
            return try TemplateMethods.call(name, of: dictionary, arguments, in: &budget)
        case .sequence(let sequence):
            return try TemplateMethods.call(name, of: sequence, arguments, in: &budget)
        default: throw budget.invalid("\(receiver.kindDescription) has no method '\(name)'")
        }
    }

    // MARK: Macros

    private mutating func call(
        macro number: Int, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let (macro, definitionScope) = macros[number]
        let scope = TemplateScope(inside: definitionScope)
        let parameterCount = macro.parameters.count
        let extra = arguments.positional.dropFirst(parameterCount)
        guard extra.isEmpty || macro.takesExtraPositional else {
            throw budget.invalid(
                "the macro '\(macro.name)' takes \(parameterCount) arguments, and "
                    + "\(arguments.positional.count) were given")
        }
        if macro.takesExtraPositional {
            scope.set(try budget.sequence(Array(extra), kind: .tuple), named: "varargs")
        }
        var named = arguments.named
        scope.set(.undefined(.name("caller")), named: "caller")
        if let place = named.firstIndex(where: { $0.name == "caller" }),
            !macro.parameters.contains(where: { $0.name == "caller" })
        {
            scope.set(named.remove(at: place).value, named: "caller")
        }
        try bind(macro, arguments.positional, &named, in: scope)
        guard named.isEmpty || macro.takesExtraNamed else {
            throw budget.invalid("the macro '\(macro.name)' has no parameter '\(named[0].name)'")
        }
        if macro.takesExtraNamed {
            let entries = named.map { (key: TemplateValue.string($0.name), value: $0.value) }
            scope.set(.dictionary(try budget.dictionary(entries)), named: "kwargs")
        }
        return .string(try captured(macro.body, in: scope))
    }

    /// Parameters in order; a default may use the parameters before it.
    private mutating func bind(
        _ macro: TemplateMacroStatement, _ positional: [TemplateValue],
        _ named: inout [(name: String, value: TemplateValue)], in scope: TemplateScope
    ) throws(TemplateError) {
        for (index, parameter) in macro.parameters.enumerated() {
            let place = named.firstIndex { $0.name == parameter.name }
            if index < positional.count {
                guard place == nil else {
                    throw budget.invalid("the macro '\(macro.name)' was given '\(parameter.name)' twice")
                }
                scope.set(positional[index], named: parameter.name)
            } else if let place {
                scope.set(named.remove(at: place).value, named: parameter.name)
            } else if let expression = parameter.defaultValue {
                scope.set(try evaluate(expression, in: scope), named: parameter.name)
            } else {
                scope.set(.undefined(.parameter(parameter.name)), named: parameter.name)
            }
        }
    }
}
