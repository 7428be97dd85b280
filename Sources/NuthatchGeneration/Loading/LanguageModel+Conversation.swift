package import NuthatchTensors
package import NuthatchTokenizers

extension LanguageModel {
    /// The chat template.
    ///
    /// - Throws: `NuthatchError` where the model has none, or one that can't be read.
    package func requireTemplate() throws(NuthatchError) -> ChatTemplate {
        if let template { return template }
        let others =
            "Load it with another one (--chat-template FILE), or complete raw text instead (nuthatch run --raw)."
        if let templateFault {
            throw NuthatchError(
                code: templateFault.code,
                message: "\(name)'s chat template can't be used. \(templateFault.message)", remedy: others,
                cause: templateFault)
        }
        throw NuthatchError(code: .usage, message: "\(name) has no chat template.", remedy: others)
    }

    /// The prompt text of a conversation, the assistant's turn begun.
    ///
    /// - Throws: `NuthatchError` where the model has no template, or the template refuses the conversation.
    func render(_ messages: [ChatMessage], date: ChatDate?) throws(NuthatchError) -> RenderedPrompt {
        let template = try requireTemplate()
        do {
            return try template.rendered(
                messages: messages, variables: tokenizer.templateVariables, date: date)
        } catch {
            throw NuthatchError(error)
        }
    }
}
