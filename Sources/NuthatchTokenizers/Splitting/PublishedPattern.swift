/// Splitting patterns as published with the models, word for word, that have a scanner.
enum PublishedPattern: String, CaseIterable, Sendable {
    /// Radford et al. 2019, `encoder.py`; also what the ByteLevel pre-tokenizer uses.
    case gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Llama 3.
    case llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Qwen 2 and Qwen 3.
    case qwen2 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    var scanner: SplitPattern {
        switch self {
        case .gpt2: .gpt2
        case .llama3: .llama3(digitGroup: 3)
        case .qwen2: .llama3(digitGroup: 1)
        }
    }
}
