/// The files of a Hugging Face directory that Nuthatch reads beside the weights.
package enum HuggingFaceFile: String, CaseIterable, Sendable {
    case config = "config.json"
    case generationConfig = "generation_config.json"
    case tokenizer = "tokenizer.json"
    case tokenizerConfig = "tokenizer_config.json"
    case specialTokensMap = "special_tokens_map.json"
    case addedTokens = "added_tokens.json"
    case chatTemplate = "chat_template.json"
    /// Not JSON: the template itself.
    case chatTemplateSource = "chat_template.jinja"
    case imageProcessor = "preprocessor_config.json"
    case weights = "model.safetensors"
    case weightsIndex = "model.safetensors.index.json"
}
