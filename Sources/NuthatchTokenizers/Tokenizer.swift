/// Text to token ids and back.
public struct Tokenizer: Sendable {}
