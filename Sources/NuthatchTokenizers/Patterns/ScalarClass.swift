/// One character of a pattern: a literal, `.`, `\s`, `\p{L}` or a bracketed class.
struct ScalarClass: Equatable, Sendable {
    enum Item: Equatable, Sendable {
        case range(ClosedRange<UInt32>)
        case categories(CategorySet)
        case whitespace
        case word
        indirect case not(ScalarClass)
    }

    var items: [Item]
    var isNegated = false

    static func scalar(_ value: UInt32) -> ScalarClass { ScalarClass(items: [.range(value...value)]) }

    /// `.`: anything but a line feed, as in Oniguruma.
    static let anyButLineFeed = ScalarClass(items: [.range(0x0a...0x0a)], isNegated: true)

    func contains(_ facts: ScalarFacts) -> Bool {
        for item in items where Self.contains(item, facts) { return !isNegated }
        return isNegated
    }

    private static func contains(_ item: Item, _ facts: ScalarFacts) -> Bool {
        switch item {
        case .range(let range): range.contains(facts.value)
        case .categories(let categories): !facts.category.isDisjoint(with: categories)
        case .whitespace: facts.isWhitespace
        case .word: facts.isWord
        case .not(let other): !other.contains(facts)
        }
    }

    /// The class with both cases of each literal, and what else folds to it (`ſ` to s, the Kelvin sign to k).
    func ignoringCase() -> ScalarClass {
        var folded = self
        for case .range(let range) in items where range.count <= 0x80 {
            for value in range {
                for variant in Self.caseVariants(of: value) { folded.items.append(.range(variant...variant)) }
            }
        }
        return folded
    }

    private static func caseVariants(of value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        var variants: [UInt32] = []
        for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
            let scalars = Array(mapping.unicodeScalars)
            if scalars.count == 1, scalars[0].value != value { variants.append(scalars[0].value) }
        }
        switch value {
        case 0x53, 0x73: variants.append(0x17f)
        case 0x4b, 0x6b: variants.append(0x212a)
        default: break
        }
        return variants
    }
}
