public import NuthatchTensors

/// A model's chat template: turns a conversation into the one text the model was trained to continue.
///
/// Templates are programs in Jinja, published with the model. This interprets what published ones use, as the
/// `transformers` package runs them (jinja2's `ImmutableSandboxedEnvironment` with `trim_blocks`,
/// `lstrip_blocks` and loop controls), with limits on everything a template could spend.
/// Reference: https://huggingface.co/docs/transformers/chat_templating_writing
public struct ChatTemplate: Sendable {
    /// The template as published.
    public let source: String
    private let statements: [TemplateStatement]
    private let limits: TemplateLimits

    /// Reads a template. What is malformed or not interpreted is refused here, with its line, even where a
    /// rendering might not reach it; a filter or a test of a branch, where a rendering does.
    ///
    /// - Throws: `NuthatchError`, whose `cause` is a `TemplateError` with the place.
    public init(source: String) throws(NuthatchError) {
        do {
            try self.init(source: source, limits: TemplateLimits())
        } catch {
            throw NuthatchError(error)
        }
    }

    /// Reads a template under other limits.
    package init(source: String, limits: TemplateLimits) throws(TemplateError) {
        self.source = source
        self.limits = limits
        statements = try TemplateParser.statements(of: source, limits: limits)
    }

    /// Renders a conversation.
    ///
    /// - Parameters:
    ///   - messages: The conversation, oldest first.
    ///   - tools: Tools the model may call, each a JSON schema; an empty list is given as none.
    ///   - documents: Documents for retrieval templates; an empty list is given as none.
    ///   - addGenerationPrompt: Whether to end with the start of the assistant's answer.
    ///   - variables: Further variables: `bos_token`, `eos_token`, `enable_thinking`, and what else the template
    ///     reads. One named like an argument above replaces it.
    ///   - date: What `strftime_now` prints; a template that asks for it without one is an error.
    /// - Throws: `NuthatchError`, whose `cause` is a `TemplateError`: with the place, or `.raised` where the template itself
    ///   refuses the conversation.
    public func render(
        messages: [ChatMessage], tools: [ChatValue] = [], documents: [ChatValue] = [],
        addGenerationPrompt: Bool = true, variables: [ChatMember] = [], date: ChatDate? = nil
    ) throws(NuthatchError) -> String {
        do {
            return try rendered(
                messages: messages, tools: tools, documents: documents,
                addGenerationPrompt: addGenerationPrompt, variables: variables, date: date
            ).text
        } catch {
            throw NuthatchError(error)
        }
    }

    /// `render` with what of the text is the template's own, and its error; the parameters are the same.
    package func rendered(
        messages: [ChatMessage], tools: [ChatValue] = [], documents: [ChatValue] = [],
        addGenerationPrompt: Bool = true, variables: [ChatMember] = [], date: ChatDate? = nil
    ) throws(TemplateError) -> RenderedPrompt {
        let given = [
            ChatMember("messages", .array(messages.map(\.value))),
            ChatMember("tools", tools.isEmpty ? .null : .array(tools)),
            ChatMember("documents", documents.isEmpty ? .null : .array(documents)),
            ChatMember("add_generation_prompt", .bool(addGenerationPrompt)),
        ]
        return try rendered(variables: given + variables, date: date)
    }

    /// Renders with exactly these variables, later ones replacing earlier ones of the same name.
    package func render(variables: [ChatMember], date: ChatDate? = nil) throws(TemplateError) -> String {
        try rendered(variables: variables, date: date).text
    }

    /// `render(variables:)` with what of the text is the template's own.
    package func rendered(
        variables: [ChatMember], date: ChatDate? = nil
    ) throws(TemplateError) -> RenderedPrompt {
        var evaluator = TemplateEvaluator(limits: limits, date: date)
        var values: [String: TemplateValue] = [:]
        for variable in variables {
            var value = try evaluator.budget.imported(variable.value)
            // What the template writes markup with: bos_token, eos_token and the like.
            if variable.name.hasSuffix("_token"), case .string(let token) = value {
                value = .own(token.string)
            }
            values[variable.name] = value
        }
        let text = try evaluator.render(statements, variables: values)
        return RenderedPrompt(text: text.string, templateRanges: text.ownRanges)
    }
}
