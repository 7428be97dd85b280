/// Tests: what may follow `is`. The raw value is the first of the names in `aliases` where there are several.
enum TemplateTest: String, CaseIterable {
    case boolean, callable, defined, divisibleby, even, filter, float, integer, iterable, lower, mapping, none
    case number, odd, sameas, sequence, string, test, undefined, upper
    case isTrue = "true"
    case isFalse = "false"
    case isIn = "in"
    case equal = "eq"
    case notEqual = "ne"
    case less = "lt"
    case lessOrEqual = "le"
    case greater = "gt"
    case greaterOrEqual = "ge"

    private static let aliases: [String: TemplateTest] = [
        "==": .equal, "equalto": .equal, "!=": .notEqual, "<": .less, "lessthan": .less, "<=": .lessOrEqual,
        ">": .greater, "greaterthan": .greater, ">=": .greaterOrEqual,
    ]

    init?(named name: String) {
        guard let test = TemplateTest(rawValue: name) ?? Self.aliases[name] else { return nil }
        self = test
    }

    static var supported: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension TemplateEvaluator {
    mutating func holds(
        _ test: TemplateTest, for value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        if let operation = test.comparison {
            let operand = try arguments.bound(to: ["other"], required: 1)[0] ?? .none
            return try budget.holds(operation, value, operand)
        }
        switch test {
        case .divisibleby:
            let divisor = try arguments.bound(to: ["num"], required: 1)[0] ?? .none
            return try budget.apply(.remainder, value, divisor).number == 0
        case .sameas:
            return try isSame(value, as: try arguments.bound(to: ["other"], required: 1)[0] ?? .none)
        default: _ = try arguments.bound(to: [])
        }
        switch test {
        case .even, .odd:
            let remainder = try budget.apply(.remainder, value, .integer(2))
            return remainder.number == (test == .odd ? 1 : 0)
        case .lower, .upper:
            let text = try budget.text(of: value)
            try budget.work(byteCount: text.byteCount)
            return TemplateMethods.isCase(text.string, upper: test == .upper)
        case .filter: return try TemplateFilter(named: arguments.text(value, named: "name")) != nil
        case .test: return try TemplateTest(named: arguments.text(value, named: "name")) != nil
        default: return value.isOfKind(test)
        }
    }

    /// Identity: the same kind and an equal value, for what Python shares or interns.
    private mutating func isSame(
        _ value: TemplateValue, as other: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch (value, other) {
        case (.bool, .bool), (.integer, .integer), (.string, .string), (.none, .none),
            (.namespace, .namespace),
            (.float, .float):
            try budget.areEqual(value, other)
        default: false
        }
    }
}

extension TemplateTest {
    fileprivate var comparison: TemplateOperation.Operator? {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .isIn: .isIn
        default: nil
        }
    }
}

extension TemplateValue {
    /// Tests that look at the kind alone.
    fileprivate func isOfKind(_ test: TemplateTest) -> Bool {
        switch (test, self) {
        case (.undefined, .undefined), (.none, .none), (.boolean, .bool), (.integer, .integer),
            (.float, .float),
            (.string, .string), (.mapping, .dictionary), (.isTrue, .bool(true)), (.isFalse, .bool(false)),
            (.number, .bool), (.number, .integer), (.number, .float), (.callable, .callable),
            (.callable, .undefined), (.callable, .loop):
            true
        case (.defined, _): !isUndefined
        case (.iterable, .undefined), (.iterable, .string), (.iterable, .sequence), (.iterable, .dictionary),
            (.iterable, .loop), (.sequence, .string), (.sequence, .dictionary), (.sequence, .undefined):
            true
        case (.sequence, .sequence(let sequence)): sequence.kind.hasIndex
        default: false
        }
    }
}
