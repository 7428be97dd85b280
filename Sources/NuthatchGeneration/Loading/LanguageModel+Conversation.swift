package import NuthatchTensors
package import NuthatchTokenizers

extension LanguageModel {
    /// The chat template.
    ///
    /// - Throws: `NuthatchError` where the model has none, or one that can't be read.
    package func requireTemplate() throws(NuthatchError) -> ChatTemplate {
        if let template { return template }
        if let templateFault {
            throw NuthatchError(
                code: templateFault.code,
                message: "\(name)'s chat template can't be used. \(templateFault.message)",
                remedy: Self.withoutTemplate, cause: templateFault)
        }
        throw NuthatchError(
            code: .usage, message: "\(name) has no chat template.", remedy: Self.withoutTemplate)
    }

    private static let withoutTemplate =
        "Load it with another one (--chat-template FILE), or complete raw text instead (nuthatch run --raw)."

    /// The prompt text of a conversation, the assistant's turn begun.
    ///
    /// - Throws: `NuthatchError` where the model has no template, or the template refuses the conversation.
    func render(_ messages: [ChatMessage], date: ChatDate?) throws(NuthatchError) -> RenderedPrompt {
        let template = try requireTemplate()
        let rendered: RenderedPrompt
        do {
            rendered = try template.rendered(
                messages: messages, variables: tokenizer.templateVariables, date: date)
        } catch {
            switch error {
            // What the conversation can change.
            case .raised, .limitExceeded, .dateMissing: throw NuthatchError(error)
            default:
                throw NuthatchError(
                    code: error.code, message: error.message, remedy: Self.withoutTemplate, cause: error)
            }
        }
        guard !rendered.text.isEmpty else {
            throw NuthatchError(
                code: .badData, message: "\(name)'s chat template makes no text of the conversation.",
                remedy: Self.withoutTemplate)
        }
        return rendered
    }
}
