package import NuthatchCheckpoints
package import NuthatchTensors
package import NuthatchTokenizers

/// The text side of a model: tokenizer, chat template, and the tokens that end an answer.
package struct Vocabulary: Sendable {
    package let tokenizer: Tokenizer
    /// Nil where there is none, or none that can be read.
    package let template: ChatTemplate?
    /// Why the model's template can't be read. What needs none does without.
    package let templateFault: NuthatchError?
    package let endTokens: Set<TokenID>
    /// The token that a rendered conversation begins with where its text does not: `transformers` adds none to what a
    /// template of a directory wrote; llama.cpp adds the beginning-of-sequence token to a GGUF file's where
    /// `tokenizer.ggml.add_bos_token`, or the kind of tokenizer, asks for it.
    package let conversationStart: TokenID?

    /// Reads what the checkpoint's files say.
    ///
    /// - Parameter template: the template to use.
    /// - Throws: what is wrong with the files, or with a template that was given; one of the model's own that can't be read
    ///   is kept as `templateFault`.
    package init(_ checkpoint: Checkpoint, template choice: LoadOptions.Template = .model) throws {
        var endTokens: Set<TokenID>
        switch checkpoint {
        case .gguf(let file):
            tokenizer = try Tokenizer(gguf: file)
            endTokens = tokenizer.endOfTurn
            conversationStart = tokenizer.addsBeginningOfSequence ? tokenizer.beginningOfSequence : nil
        case .directory(let directory):
            tokenizer = try Tokenizer(directory: directory)
            endTokens = tokenizer.endOfTurn
            endTokens.formUnion(try Self.endTokens(statedBy: directory))
            conversationStart = nil
        }
        self.endTokens = endTokens
        var template: ChatTemplate?
        var fault: NuthatchError?
        switch choice {
        case .none: break
        case .source(let source): template = try ChatTemplate(source: source)
        case .model:
            do {
                if let fault = tokenizer.chatTemplateFault { throw fault }
                template = try tokenizer.chatTemplate.map { source throws(NuthatchError) in
                    try ChatTemplate(source: source)
                }
            } catch let error as NuthatchError {
                fault = error
            } catch let error as any ExplainedError {
                fault = NuthatchError(error)
            }
        }
        self.template = template
        templateFault = fault
    }

    /// `eos_token_id` of generation_config.json, or of config.json, which alone old directories have: one id or several.
    private static func endTokens(statedBy directory: HuggingFaceDirectory) throws(CheckpointError)
        -> [TokenID]
    {
        let configuration = try directory.generationConfig() ?? directory.config
        guard let field = configuration["eos_token_id"] else { return [] }
        let ids =
            field.elements == nil
            ? [try configuration.optionalInteger("eos_token_id")].compactMap { $0 }
            : try configuration.integers("eos_token_id")
        return ids.compactMap { TokenID(exactly: $0) }
    }
}
