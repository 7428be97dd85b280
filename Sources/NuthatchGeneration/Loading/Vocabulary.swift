package import NuthatchCheckpoints
package import NuthatchTensors
package import NuthatchTokenizers

/// The text side of a model: tokenizer, chat template, and the tokens that end an answer.
package struct Vocabulary: Sendable {
    package let tokenizer: Tokenizer
    package let template: ChatTemplate?
    package let endTokens: Set<TokenID>

    /// Reads what the checkpoint's files say.
    package init(_ checkpoint: Checkpoint) throws {
        var endTokens: Set<TokenID>
        switch checkpoint {
        case .gguf(let file):
            tokenizer = try Tokenizer(gguf: file)
            endTokens = tokenizer.endOfTurn
        case .directory(let directory):
            tokenizer = try Tokenizer(directory: directory)
            endTokens = tokenizer.endOfTurn
            endTokens.formUnion(try Self.endTokens(statedBy: directory))
        }
        self.endTokens = endTokens
        template = try tokenizer.chatTemplate.map { source throws(TemplateError) in
            try ChatTemplate(source: source)
        }
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
