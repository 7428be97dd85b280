/// A value handed to a chat template: JSON, with the members of objects in their order, since templates print them.
public enum ChatValue: Sendable, Equatable {
    /// JSON's null, a template's `none`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// Any other number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([ChatValue])
    /// Named members, in order.
    case object([ChatMember])
}

/// A named value: a member of an object, or a variable of a template.
public struct ChatMember: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The value.
    public let value: ChatValue

    /// Names a value.
    public init(_ name: String, _ value: ChatValue) {
        self.name = name
        self.value = value
    }
}

extension ChatValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A truth value.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// A whole number.
    public init(integerLiteral value: Int) {
        self = .integer(value)
    }

    /// A list.
    public init(arrayLiteral elements: ChatValue...) {
        self = .array(elements)
    }

    /// Named members, in order.
    public init(dictionaryLiteral elements: (String, ChatValue)...) {
        self = .object(elements.map { ChatMember($0.0, $0.1) })
    }
}

extension TemplateBudget {
    /// The template's own form of a value. `level` counts lists and objects around it.
    mutating func imported(_ value: ChatValue, level: Int = 0) throws(TemplateError) -> TemplateValue {
        guard level <= limits.valueDepth else { throw exceeded("valueDepth", limits.valueDepth) }
        switch value {
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .float(value)
        case .string(let text): return .string(text)
        case .array(let items):
            var values: [TemplateValue] = []
            values.reserveCapacity(items.count)
            for item in items { values.append(try imported(item, level: level + 1)) }
            return try sequence(values)
        case .object(let members):
            var entries: [(key: TemplateValue, value: TemplateValue)] = []
            entries.reserveCapacity(members.count)
            for member in members {
                var value = try imported(member.value, level: level + 1)
                // Templates write markup around roles, such as Phi's `'<|' + message.role + '|>'`. A word holds none.
                if member.name == "role", case .string(let role) = value, role.string.isWord {
                    value = .own(role.string)
                }
                entries.append((.string(member.name), value))
            }
            return .dictionary(try dictionary(entries))
        }
    }
}

extension String {
    /// Whether it is letters, digits, `_` and `-` of ASCII, and not empty.
    fileprivate var isWord: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x2d: true
                default: false
                }
            }
    }
}
