/// `map`, `select`, `reject` and their kin: filters that take a filter or a test by name.
extension TemplateEvaluator {
    mutating func applySelection(
        _ filter: TemplateFilter, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        // Nothing is asked of what is none, undefined, empty or zero, and nothing comes of it.
        guard value.isTrue else { return try budget.sequence([], kind: .generator) }
        // A generator, which fails where it is asked for more than it has.
        var results: [TemplateValue] = []
        var fault: TemplateError?
        do {
            if filter == .map {
                try map(value, arguments, into: &results)
            } else {
                try select(filter, value, arguments, into: &results)
            }
        } catch { fault = error }
        return try budget.generator(results, fault: fault)
    }

    private mutating func select(
        _ filter: TemplateFilter, _ value: TemplateValue, _ arguments: TemplateArguments,
        into kept: inout [TemplateValue]
    ) throws(TemplateError) {
        var arguments = arguments
        var path: [TemplateValue] = []
        if filter == .selectattr || filter == .rejectattr {
            guard !arguments.positional.isEmpty else { throw arguments.invalid("needs an attribute") }
            path = try self.path(arguments.positional.removeFirst())
        }
        let test = try testName(&arguments)
        let keepsTrue = filter == .select || filter == .selectattr
        for item in try elements(of: value) {
            let tested = try self.value(at: path, of: item)
            var isKept = tested.isTrue
            if let test { isKept = try holds(test, for: tested, arguments) }
            if isKept == keepsTrue { kept.append(item) }
        }
    }

    /// The test that the next argument names; without one, truth decides.
    private func testName(_ arguments: inout TemplateArguments) throws(TemplateError) -> TemplateTest? {
        guard !arguments.positional.isEmpty else { return nil }
        let name = try arguments.text(arguments.positional.removeFirst(), named: "test")
        guard let test = TemplateTest(named: name) else {
            throw .unsupported(
                at: budget.position, construct: "the test '\(name)'", supported: TemplateTest.supported)
        }
        return test
    }

    private mutating func map(
        _ value: TemplateValue, _ arguments: TemplateArguments, into results: inout [TemplateValue]
    ) throws(TemplateError) {
        if arguments.positional.isEmpty {
            var named = TemplateArguments(callee: arguments.callee, position: arguments.position)
            named.named = arguments.named
            let values = try named.bound(to: ["attribute", "default"], required: 1)
            let path = try path(values[0])
            let fallback = values[1].flatMap { $0.isNone ? nil : $0 }
            for item in try elements(of: value) {
                results.append(try self.value(at: path, of: item, default: fallback))
            }
        } else {
            var rest = arguments
            let name = try arguments.text(rest.positional.removeFirst(), named: "filter")
            guard let filter = TemplateFilter(named: name) else {
                throw .unsupported(
                    at: budget.position, construct: "the filter '\(name)'",
                    supported: TemplateFilter.supported)
            }
            try enter()
            defer { leave() }
            for item in try elements(of: value) { results.append(try apply(filter, to: item, rest)) }
        }
    }
}
