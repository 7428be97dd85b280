/// A dictionary that keeps the order of insertion.
struct TemplateDictionary: Sendable {
    private(set) var entries: [(key: TemplateValue, value: TemplateValue)] = []
    private var places: [TemplateKey: Int] = [:]
    /// One more than the deepest key or value.
    private(set) var depth = 1

    var count: Int { entries.count }

    subscript(key: TemplateKey) -> TemplateValue? {
        places[key].map { entries[$0].value }
    }

    subscript(name: String) -> TemplateValue? {
        self[.text(CodePoints(name))]
    }

    mutating func set(_ value: TemplateValue, forKey key: TemplateKey, as keyValue: TemplateValue) {
        depth = max(depth, keyValue.depth + 1, value.depth + 1)
        if let place = places[key] {
            entries[place].value = value
        } else {
            places[key] = entries.count
            entries.append((keyValue, value))
        }
    }

    mutating func set(_ value: TemplateValue, named name: String) {
        set(value, forKey: .text(CodePoints(name)), as: .string(name))
    }
}

/// A key as Python compares it: 1, 1.0 and true are one key; strings differ when their code points do.
enum TemplateKey: Hashable {
    case undefined
    case none
    case integer(Int)
    case float(Double)
    case text(CodePoints)
    case tuple([TemplateKey])
    case callable
}

/// A string compared by its code points. Swift's own equality takes canonically equivalent strings for one.
struct CodePoints: Hashable {
    let string: String

    init(_ string: String) {
        self.string = string
    }

    static func == (left: CodePoints, right: CodePoints) -> Bool {
        left.string.hasSameCodePoints(as: right.string)
    }

    func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }
}

extension String {
    func hasSameCodePoints(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// By code points, which for UTF-8 is the order of bytes.
    func precedesByCodePoints(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension TemplateBudget {
    /// The key that a value is looked up by; lists and dictionaries are none.
    mutating func key(of value: TemplateValue) throws(TemplateError) -> TemplateKey {
        try step()
        switch value {
        case .undefined: return .undefined
        case .none: return .none
        case .bool(let value): return .integer(value ? 1 : 0)
        case .integer(let value): return .integer(value)
        case .float(let value): return Int(exactly: value).map(TemplateKey.integer) ?? .float(value)
        case .string(let text):
            try work(byteCount: text.byteCount)
            return .text(CodePoints(text.string))
        case .sequence(let sequence) where sequence.kind == .tuple || sequence.kind == .group:
            var keys: [TemplateKey] = []
            for item in sequence.items { keys.append(try key(of: item)) }
            return .tuple(keys)
        default:
            throw invalid("\(value.kindDescription) cannot be a key")
        }
    }
}
