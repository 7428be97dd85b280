/// One message of a conversation, in the shape chat templates read.
public struct ChatMessage: Sendable, Equatable {
    /// What a message says: plain text, or parts in order where it holds more than text.
    public enum Content: Sendable, Equatable {
        /// Text alone.
        case text(String)
        /// Text and other media, in order.
        case parts([Part])
    }

    /// A part of a message.
    public enum Part: Sendable, Equatable {
        /// A stretch of text.
        case text(String)
        /// An image; templates only mark its place.
        case image
        /// Any other part: its members, `type` among them.
        case other([ChatMember])
    }

    /// A call of a tool that the assistant asked for.
    public struct ToolCall: Sendable, Equatable {
        /// The call's name in the conversation; some templates insist on it (Mistral: nine letters and digits).
        public let id: String?
        /// The tool.
        public let name: String
        /// The call's arguments: an object. Templates differ on text here; most expect the object.
        public let arguments: ChatValue

        /// Describes a call.
        public init(id: String? = nil, name: String, arguments: ChatValue) {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }

    /// Who speaks: "system", "user", "assistant", "tool", or what else the model's template knows.
    public let role: String
    /// What is said; nil leaves the field out, as for an assistant that only calls tools.
    public let content: Content?
    /// The speaker's or tool's name.
    public let name: String?
    /// Tools that the assistant calls.
    public let toolCalls: [ToolCall]
    /// Which call a "tool" message answers.
    public let toolCallID: String?
    /// Further fields, such as `reasoning_content`.
    public let extra: [ChatMember]

    /// Makes a message.
    public init(
        role: String, content: Content?, name: String? = nil, toolCalls: [ToolCall] = [],
        toolCallID: String? = nil, extra: [ChatMember] = []
    ) {
        self.role = role
        self.content = content
        self.name = name
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.extra = extra
    }

    /// A message of plain text.
    public init(role: String, _ text: String) {
        self.init(role: role, content: .text(text))
    }
}

extension ChatMessage {
    /// Images among its parts.
    package var imageCount: Int {
        guard case .parts(let parts) = content else { return 0 }
        return parts.count { $0 == .image }
    }

    /// The fields a template sees.
    var value: ChatValue {
        var members = [ChatMember("role", .string(role))]
        switch content {
        case nil: break
        case .text(let text): members.append(ChatMember("content", .string(text)))
        case .parts(let parts): members.append(ChatMember("content", .array(parts.map(\.value))))
        }
        if let name { members.append(ChatMember("name", .string(name))) }
        if !toolCalls.isEmpty { members.append(ChatMember("tool_calls", .array(toolCalls.map(\.value)))) }
        if let toolCallID { members.append(ChatMember("tool_call_id", .string(toolCallID))) }
        return .object(members + extra)
    }
}

extension ChatMessage.Part {
    fileprivate var value: ChatValue {
        switch self {
        case .text(let text): ["type": "text", "text": .string(text)]
        case .image: ["type": "image"]
        case .other(let members): .object(members)
        }
    }
}

extension ChatMessage.ToolCall {
    fileprivate var value: ChatValue {
        let function: ChatValue = ["name": .string(name), "arguments": arguments]
        let members = [ChatMember("type", "function"), ChatMember("function", function)]
        return .object((id.map { [ChatMember("id", .string($0))] } ?? []) + members)
    }
}
