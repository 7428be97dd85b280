/// Operators between two values.
extension TemplateBudget {
    mutating func apply(
        _ operation: TemplateOperation.Operator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        for operand in [left, right] {
            guard case .undefined(let undefined) = operand else { continue }
            // Formatting asks nothing of a value that the format has no place for.
            if operation == .remainder, case .string(let format) = left {
                return .string(try percentFormatted(format, with: right))
            }
            throw .undefined(at: position, reason: undefined.explanation)
        }
        if let left = left.wholeNumber, let right = right.wholeNumber {
            return try apply(operation, left, right)
        }
        if let left = left.number, let right = right.number { return try apply(operation, left, right) }
        switch (operation, left, right) {
        case (.add, .string(let left), .string(let right)):
            try text(byteCount: left.byteCount + right.byteCount)
            return .string(left + right)
        case (.add, .sequence(let left), .sequence(let right))
        where left.kind == right.kind && (left.kind == .list || left.kind == .tuple):
            try collection(count: left.items.count + right.items.count)
            return try sequence(left.items + right.items, kind: left.kind)
        case (.multiply, .string(let text), _):
            if let count = right.wholeNumber { return try repeated(text, count) }
        case (.multiply, _, .string(let text)):
            if let count = left.wholeNumber { return try repeated(text, count) }
        case (.multiply, .sequence(let sequence), _):
            if let count = right.wholeNumber { return try repeated(sequence, count) }
        case (.multiply, _, .sequence(let sequence)):
            if let count = left.wholeNumber { return try repeated(sequence, count) }
        case (.remainder, .string(let format), _):
            return .string(try percentFormatted(format, with: right))
        default: break
        }
        throw invalid(
            "'\(operation.symbol)' does not take \(left.kindDescription) and \(right.kindDescription)")
    }

    private mutating func repeated(_ text: TemplateText, _ count: Int) throws(TemplateError) -> TemplateValue
    {
        guard count > 0 else { return .string(.empty) }
        try self.text(byteCount: product(text.byteCount, count))
        try step(count)
        return .string(text.repeated(count))
    }

    private mutating func repeated(
        _ sequence: TemplateSequence, _ count: Int
    ) throws(TemplateError) -> TemplateValue {
        guard sequence.kind == .list || sequence.kind == .tuple else {
            throw invalid("\(sequence.kind.description) cannot be repeated")
        }
        guard count > 0, !sequence.items.isEmpty else { return try self.sequence([], kind: sequence.kind) }
        try collection(count: product(sequence.items.count, count))
        let items = Array(repeatElement(sequence.items, count: count).joined())
        return try self.sequence(items, kind: sequence.kind)
    }

    // MARK: Integers

    private func apply(
        _ operation: TemplateOperation.Operator, _ left: Int, _ right: Int
    ) throws(TemplateError) -> TemplateValue {
        switch operation {
        case .add: return try integer(left.addingReportingOverflow(right))
        case .subtract: return try integer(left.subtractingReportingOverflow(right))
        case .multiply: return try integer(left.multipliedReportingOverflow(by: right))
        case .divide:
            try checkDivisor(isZero: right == 0)
            return .float(Double(left) / Double(right))
        case .floorDivide:
            try checkDivisor(isZero: right == 0)
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            let isRoundedUp = !overflow && quotient * right != left && (left < 0) != (right < 0)
            return try integer((isRoundedUp ? quotient - 1 : quotient, overflow))
        case .remainder:
            try checkDivisor(isZero: right == 0)
            let remainder = right == -1 ? 0 : left % right
            return .integer(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power: return try power(left, right)
        default: throw invalid("'\(operation.symbol)' is no arithmetic")
        }
    }

    private func integer(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> TemplateValue
    {
        guard !result.overflow else { throw exceeded("bits of an integer", Int.bitWidth) }
        return .integer(result.partialValue)
    }

    /// By squaring: 64 rounds at most, the first overflow ends it.
    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> TemplateValue {
        guard exponent >= 0 else { return try apply(.power, Double(base), Double(exponent)) }
        var (result, factor, rest) = (1, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 {
                let (product, overflow) = result.multipliedReportingOverflow(by: factor)
                guard !overflow else { throw exceeded("bits of an integer", Int.bitWidth) }
                result = product
            }
            rest >>= 1
            guard rest > 0 else { break }
            let (square, overflow) = factor.multipliedReportingOverflow(by: factor)
            guard !overflow else { throw exceeded("bits of an integer", Int.bitWidth) }
            factor = square
        }
        return .integer(result)
    }

    private func checkDivisor(isZero: Bool) throws(TemplateError) {
        if isZero { throw invalid("division by zero") }
    }

    // MARK: Floats

    private func apply(
        _ operation: TemplateOperation.Operator, _ left: Double, _ right: Double
    ) throws(TemplateError) -> TemplateValue {
        switch operation {
        case .add: return .float(left + right)
        case .subtract: return .float(left - right)
        case .multiply: return .float(left * right)
        case .divide:
            try checkDivisor(isZero: right == 0)
            return .float(left / right)
        case .floorDivide:
            try checkDivisor(isZero: right == 0)
            return .float((left / right).rounded(.down))
        case .remainder:
            try checkDivisor(isZero: right == 0)
            let remainder = left.truncatingRemainder(dividingBy: right)
            return .float(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power:
            if left == 0, right < 0 { throw invalid("zero has no negative power") }
            return .float(try power(left, right))
        default: throw invalid("'\(operation.symbol)' is no arithmetic")
        }
    }

    /// Whole exponents by squaring, and halves by a root: what needs no mathematics library.
    private func power(_ base: Double, _ exponent: Double) throws(TemplateError) -> Double {
        if exponent == 0.5 { return base.squareRoot() }
        guard let whole = Int(exactly: exponent) else {
            throw .unsupported(
                at: position, construct: "the power \(exponent)", supported: "whole exponents and 0.5")
        }
        var (result, factor, rest) = (1.0, base, whole.magnitude)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return whole < 0 ? 1 / result : result
    }

    // MARK: Comparison

    mutating func holds(
        _ operation: TemplateOperation.Operator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch operation {
        case .equal: try areEqual(left, right)
        case .notEqual: try !areEqual(left, right)
        case .less: try precedes(left, right)
        case .greater: try precedes(right, left)
        case .lessOrEqual: isUnordered(left, right) ? false : try !precedes(right, left)
        case .greaterOrEqual: isUnordered(left, right) ? false : try !precedes(left, right)
        case .isIn: try contains(right, left)
        case .isNotIn: try !contains(right, left)
        default: throw invalid("'\(operation.symbol)' is no comparison")
        }
    }

    private func isUnordered(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        left.number?.isNaN == true || right.number?.isNaN == true
    }

    mutating func contains(
        _ container: TemplateValue, _ value: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = value else {
                throw invalid("'in' a string takes a string, not \(value.kindDescription)")
            }
            try work(byteCount: text.byteCount)
            return text.string.firstOffset(of: part.string) != nil
        case .sequence(let sequence):
            for item in sequence.items where try areEqual(item, value) { return true }
            return false
        case .dictionary(let dictionary):
            // Python tells generators by their identity, and none is a key here.
            if case .sequence(let sequence) = value, sequence.kind == .generator { return false }
            return dictionary[try key(of: value)] != nil
        case .undefined: return false
        default: throw invalid("'in' does not take \(container.kindDescription)")
        }
    }
}

extension TemplateOperation.Operator {
    var symbol: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .floorDivide: "//"
        case .remainder: "%"
        case .power: "**"
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .isIn: "in"
        case .isNotIn: "not in"
        }
    }
}
