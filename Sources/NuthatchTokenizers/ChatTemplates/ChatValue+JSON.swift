package import NuthatchCheckpoints

extension ChatValue {
    /// Makes a value of what a model's files or a request hold.
    package init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .string(text)
        case .array(let items): self = .array(items.map(ChatValue.init))
        case .object(let object):
            self = .object(object.members.map { ChatMember($0.key, ChatValue($0.value)) })
        }
    }
}
