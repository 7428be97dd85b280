/// The pre-tokenizers that `tokenizer.ggml.pre` names.
///
/// The names are llama.cpp's; what each stands for is read from the tokenizer.json of the models it was made for.
enum GGUFPreTokenizers {
    /// What a name stands for beyond the splitting itself.
    struct Entry {
        var preTokenizers: [PreTokenizer]
        /// A word that is a piece is not merged.
        var wholeWordsFirst = false
        /// What `tokenizer.ggml.add_bos_token` is where the file does not say.
        var addsBeginningOfSequence = false
        var normalizers: [Normalizer] = []
    }

    /// Nil for an unknown name.
    static func entry(named name: String) throws(PatternParser.Failure) -> Entry? {
        switch name {
        case "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "mpt", "olmo", "jais", "trillion",
            "granite-docling",
            "roberta-bpe", "exaone4":
            return Entry(preTokenizers: [isolate(.gpt2)])
        case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b":
            return Entry(preTokenizers: [isolate(.number), isolate(.gpt2)])
        case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2":
            return Entry(
                preTokenizers: [isolate(.llama3(digitGroup: 3))], wholeWordsFirst: true,
                addsBeginningOfSequence: true)
        case "dbrx", "smaug-bpe", "chatglm-bpe", "glm4":
            return Entry(preTokenizers: [isolate(.llama3(digitGroup: 3))])
        case "qwen2", "deepseek-r1-qwen", "megrez":
            return Entry(
                preTokenizers: [isolate(.llama3(digitGroup: 1))],
                normalizers: [.unicode(UnicodeNormalizer(.nfc))])
        case "stablelm2", "hunyuan":
            return Entry(preTokenizers: [isolate(.llama3(digitGroup: 1))])
        case "gpt-4o", "llama4":
            return Entry(preTokenizers: [try isolate(pattern: o200k)])
        case "tekken":
            return Entry(
                preTokenizers: [try isolate(pattern: tekken)], wholeWordsFirst: true,
                addsBeginningOfSequence: true)
        case "falcon":
            return Entry(preTokenizers: [
                try isolate(pattern: #"[\p{P}\$\+<=>\^~\|`]+"#), isolate(.gpt2),
                try isolate(pattern: "[0-9][0-9][0-9]"),
            ])
        case "default":
            return Entry(preTokenizers: [
                try isolate(pattern: #"[\p{P}\$\+<=>\^~\|]+"#), isolate(.gpt2),
                try isolate(pattern: #"\p{N}+"#),
                try isolate(pattern: "[0-9][0-9][0-9]"),
            ])
        default: return nil
        }
    }

    static let supportedNames =
        "gpt-2, smollm, llama-bpe, qwen2, starcoder, gpt-4o, tekken, falcon, default and kin"

    private static func isolate(_ pattern: SplitPattern) -> PreTokenizer {
        .split(pattern, .isolated, isInverted: false)
    }

    private static func isolate(pattern: String) throws(PatternParser.Failure) -> PreTokenizer {
        isolate(try SplitPattern(pattern))
    }

    /// tokenizer.json of gpt-oss and Llama 4.
    private static let o200k =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
        + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Mistral Nemo.
    private static let tekken =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
        + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + #"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}
