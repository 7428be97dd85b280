/// Reads the regular expressions of published tokenizers (Oniguruma's syntax, as `tokenizers` uses it).
///
/// What has no linear-time meaning here is refused by name: backreferences, lookbehind, lookahead of more than one
/// character, possessive and atomic groups, script properties.
struct PatternParser {
    /// Why a pattern is refused.
    struct Failure: Error {
        let reason: String
    }

    private let scalars: [UInt32]
    private var index = 0
    private var ignoresCase = false
    private var depth = 0

    private init(_ pattern: String) { scalars = pattern.unicodeScalars.map(\.value) }

    static func parse(_ pattern: String) throws(Failure) -> PatternNode {
        var parser = PatternParser(pattern)
        let node = try parser.alternatives()
        if parser.index < parser.scalars.count { throw Failure(reason: "unmatched )") }
        return node
    }

    private mutating func alternatives() throws(Failure) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        if depth > TokenizerLimit.nestingDepth.maximum {
            throw Failure(reason: "groups nest deeper than \(TokenizerLimit.nestingDepth.maximum)")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Failure) -> PatternNode {
        var nodes: [PatternNode] = []
        while index < scalars.count, !peek("|"), !peek(")") {
            let node = try atom()
            nodes.append(try quantified(node))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func atom() throws(Failure) -> PatternNode {
        if take("(") { return try group() }
        if take("[") { return .one(try bracket()) }
        if take(".") { return .one(.anyButLineFeed) }
        if take("^") { return .assertion(.start) }
        if take("$") { return .assertion(.end) }
        if take("\\") { return .one(folded(try escape())) }
        let next = scalars[index]
        if peek("*") || peek("+") || peek("?") { throw Failure(reason: "nothing to repeat at \(index)") }
        index += 1
        return .one(folded(.scalar(next)))
    }

    private func folded(_ scalarClass: ScalarClass) -> ScalarClass {
        ignoresCase ? scalarClass.ignoringCase() : scalarClass
    }

    private mutating func group() throws(Failure) -> PatternNode {
        let outerIgnoresCase = ignoresCase
        defer { ignoresCase = outerIgnoresCase }
        if take("?") {
            if take("=") || take("!") {
                let isNegative = scalars[index - 1] == Self.value("!")
                let node = try closed()
                guard case .one(let scalarClass) = node else {
                    throw Failure(reason: "lookahead of more than one character")
                }
                return .assertion(isNegative ? .notNext(scalarClass) : .next(scalarClass))
            }
            if take("i") { ignoresCase = true }
            guard take(":") else { throw Failure(reason: "unsupported group (?\(excerpt())") }
        }
        return try closed()
    }

    private mutating func closed() throws(Failure) -> PatternNode {
        let node = try alternatives()
        guard take(")") else { throw Failure(reason: "missing )") }
        return node
    }

    private mutating func quantified(_ node: PatternNode) throws(Failure) -> PatternNode {
        let bounds: (Int, Int?)
        if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if take("?") {
            bounds = (0, 1)
        } else if peek("{"), let counted = counts() {
            bounds = counted
        } else {
            return node
        }
        let isLazy = take("?")
        if peek("+") || peek("*") || peek("{") { throw Failure(reason: "possessive or doubled quantifier") }
        if case .assertion = node { throw Failure(reason: "a repeated assertion") }
        let longest = TokenizerLimit.patternInstructionCount.maximum
        guard max(bounds.0, bounds.1 ?? 0) <= longest, bounds.0 <= bounds.1 ?? longest else {
            throw Failure(reason: "the repeat {\(bounds.0),\(bounds.1.map(String.init) ?? "")}")
        }
        return .repeated(node, minimum: bounds.0, maximum: bounds.1, isLazy: isLazy)
    }

    /// `{2}`, `{2,}`, `{,3}` or `{2,3}`; nil, and nothing read, for a brace that is only itself.
    private mutating func counts() -> (Int, Int?)? {
        let start = index
        index += 1
        let minimum = number()
        let hasComma = take(",")
        let maximum = hasComma ? number() : minimum
        guard take("}"), minimum != nil || maximum != nil else {
            index = start
            return nil
        }
        return (minimum ?? 0, maximum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while index < scalars.count, (0x30...0x39).contains(scalars[index]) {
            // Saturates far over every limit, well below overflow.
            value = min((value ?? 0) * 10 + Int(scalars[index] - 0x30), 1_000_000)
            index += 1
        }
        return value
    }
}

extension PatternParser {
    /// After `[`.
    private mutating func bracket() throws(Failure) -> ScalarClass {
        var result = ScalarClass(items: [])
        result.isNegated = take("^")
        var isFirst = true
        while true {
            guard index < scalars.count else { throw Failure(reason: "missing ]") }
            if !isFirst, take("]") { break }
            isFirst = false
            if peek("[") { throw Failure(reason: "a class within a class") }
            if peek("&"), index + 1 < scalars.count, scalars[index + 1] == Self.value("&") {
                throw Failure(reason: "intersection of classes (&&)")
            }
            let low = try bracketItem()
            guard case .range(let from) = low.items[0], low.items.count == 1, !low.isNegated, from.count == 1,
                peek("-"), index + 1 < scalars.count, scalars[index + 1] != Self.value("]")
            else {
                result.items += low.isNegated ? [.not(ScalarClass(items: low.items))] : low.items
                continue
            }
            index += 1
            let high = try bracketItem()
            guard case .range(let to) = high.items[0], to.count == 1, from.lowerBound <= to.lowerBound else {
                throw Failure(reason: "a range out of order")
            }
            result.items.append(.range(from.lowerBound...to.lowerBound))
        }
        return folded(result)
    }

    private mutating func bracketItem() throws(Failure) -> ScalarClass {
        guard index < scalars.count else { throw Failure(reason: "missing ]") }
        if take("\\") { return try escape() }
        index += 1
        return .scalar(scalars[index - 1])
    }

    /// After a backslash.
    private mutating func escape() throws(Failure) -> ScalarClass {
        guard index < scalars.count, let scalar = Unicode.Scalar(scalars[index]) else {
            throw Failure(reason: "a backslash at the end")
        }
        index += 1
        switch scalar {
        case "n": return .scalar(0x0a)
        case "r": return .scalar(0x0d)
        case "t": return .scalar(0x09)
        case "f": return .scalar(0x0c)
        case "v": return .scalar(0x0b)
        case "s": return ScalarClass(items: [.whitespace])
        case "S": return ScalarClass(items: [.whitespace], isNegated: true)
        case "d": return ScalarClass(items: [.categories(.decimalNumber)])
        case "D": return ScalarClass(items: [.categories(.decimalNumber)], isNegated: true)
        case "w": return ScalarClass(items: [.word])
        case "W": return ScalarClass(items: [.word], isNegated: true)
        case "p": return try property(isNegated: false)
        case "P": return try property(isNegated: true)
        case "x": return .scalar(try hexadecimal(digitCount: 2))
        case "u": return .scalar(try hexadecimal(digitCount: 4))
        default:
            let isAlphanumeric = scalar.isASCII && ScalarFacts(scalar.value).isWord && scalar != "_"
            if isAlphanumeric { throw Failure(reason: "unsupported escape \\\(scalar)") }
            return .scalar(scalar.value)
        }
    }

    /// After `\p` or `\P`.
    private mutating func property(isNegated: Bool) throws(Failure) -> ScalarClass {
        guard take("{") else { throw Failure(reason: "\\p without braces") }
        let isInverted = take("^")
        var name = ""
        while index < scalars.count, !peek("}") {
            name.unicodeScalars.append(Unicode.Scalar(scalars[index]) ?? " ")
            index += 1
        }
        guard take("}") else { throw Failure(reason: "\\p{ without }") }
        guard let categories = CategorySet(name: name) else {
            throw Failure(reason: "unsupported property \\p{\(name.prefix(40))}")
        }
        return ScalarClass(items: [.categories(categories)], isNegated: isNegated != isInverted)
    }

    /// `digitCount` digits, or any number of them in braces.
    private mutating func hexadecimal(digitCount: Int) throws(Failure) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while index < scalars.count, count < (isBraced ? 6 : digitCount),
            let digit = Unicode.Scalar(scalars[index]).flatMap({ Character($0).hexDigitValue })
        {
            value = value << 4 | UInt32(digit)
            count += 1
            index += 1
        }
        if isBraced, !take("}") { throw Failure(reason: "\\x{ without }") }
        guard count > 0, value <= 0x10ffff else { throw Failure(reason: "a malformed \\x or \\u") }
        return value
    }

    private static func value(_ scalar: Unicode.Scalar) -> UInt32 { scalar.value }

    private func peek(_ scalar: Unicode.Scalar) -> Bool {
        index < scalars.count && scalars[index] == scalar.value
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek(scalar) else { return false }
        index += 1
        return true
    }

    private func excerpt() -> String {
        var text = ""
        for value in scalars[index...].prefix(4) { text.unicodeScalars.append(Unicode.Scalar(value) ?? " ") }
        return text
    }
}
