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
        case "deepseek-llm":
            return Entry(preTokenizers: [
                try isolate(pattern: #"[\r\n]"#), try isolate(pattern: #"\s?["# + casedLetters + "]+"),
                try isolate(pattern: #"\s?[!-/:-~！-／：-～‘-‟　-。]+"#), try isolate(pattern: #"\s+$"#),
                try isolate(pattern: "[\u{4E00}-\u{9FA5}\u{800}-\u{4E00}\u{AC00}-\u{D7FF}]+"),
                isolate(.number),
            ])
        case "deepseek-v3":
            return Entry(preTokenizers: [
                try isolate(pattern: #"\p{N}{1,3}"#),
                try isolate(pattern: "[\u{4E00}-\u{9FA5}\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+"),
                try isolate(pattern: deepSeekV3),
            ])
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
        "gpt-2, smollm, llama-bpe, qwen2, starcoder, gpt-4o, tekken, deepseek-llm, deepseek-v3, falcon, default and kin"

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
    /// tokenizer.json of DeepSeek-V3, R1 and later, behind digits and Chinese and Japanese letters.
    private static let deepSeekV3 =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
        + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Mistral Nemo.
    private static let tekken =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
        + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + #"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// What DeepSeek's first tokenizers take for letters: those with cases, of an older Unicode.
    private static let casedLetters =
        "A-Za-z\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}"
        + "\u{295}-\u{2AF}\u{370}-\u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}\u{388}-\u{38A}"
        + "\u{38C}\u{38E}-\u{3A1}\u{3A3}-\u{3F5}\u{3F7}-\u{481}\u{48A}-\u{52F}\u{531}-\u{556}"
        + "\u{10A0}-\u{10C5}\u{13A0}-\u{13F5}\u{13F8}-\u{13FD}\u{1C90}-\u{1CBA}\u{1CBD}-\u{1CBF}"
        + "\u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}\u{1D79}-\u{1D9A}\u{1E00}-\u{1F15}\u{1F18}-\u{1F1D}"
        + "\u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}\u{1F5D}\u{1F5F}-\u{1F7D}"
        + "\u{1F80}-\u{1FB4}\u{1FB6}-\u{1FBC}\u{1FBE}\u{1FC2}-\u{1FC4}\u{1FC6}-\u{1FCC}"
        + "\u{1FD0}-\u{1FD3}\u{1FD6}-\u{1FDB}\u{1FE0}-\u{1FEC}\u{1FF2}-\u{1FF4}\u{1FF6}-\u{1FFC}"
        + "\u{2102}\u{2107}\u{210A}-\u{2113}\u{2115}\u{2119}-\u{211D}\u{2124}\u{2126}\u{2128}"
        + "\u{212A}-\u{212D}\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}\u{2145}-\u{2149}\u{214E}\u{2183}"
        + "\u{2184}\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\u{A640}-\u{A66D}"
        + "\u{A680}-\u{A69B}\u{A722}-\u{A76F}\u{A771}-\u{A787}\u{A78B}-\u{A78E}\u{AB70}-\u{ABBF}"
        + "\u{FB00}-\u{FB06}\u{FB13}-\u{FB17}\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}\u{10400}-\u{1044F}"
        + "\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}\u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}"
        + "\u{118A0}-\u{118DF}\u{1E900}-\u{1E943}"
}
