extension GGUFPreTokenizers {
    /// Among names that stand for one pattern, the one whose models llama.cpp's converter would give it to.
    private static let namesToWrite = [
        "gpt-2", "smollm", "llama-bpe", "dbrx", "qwen2", "stablelm2", "gpt-4o", "tekken", "deepseek-llm",
        "deepseek-v3", "falcon", "default",
    ]

    /// The name that stands for a tokenizer's normalizing and splitting.
    ///
    /// - Returns: also whether it stands for the same order of whole words and merges, which changes no ids where rules
    ///   make all pieces.
    /// - Throws: `TokenizerError.notWritable` where no name does.
    static func name(
        of definition: TokenizerDefinition, merges: RankedMerges, file: String
    ) throws(TokenizerError) -> (name: String, isExact: Bool) {
        var near: String?
        for name in namesToWrite {
            guard let entry = try? entry(named: name), entry.normalizers == definition.normalizers,
                entry.preTokenizers == definition.preTokenizers
                    || spelledOut(name).map({ $0 == definition.preTokenizers }) == true
            else { continue }
            if entry.wholeWordsFirst == merges.wholeWordsFirst { return (name, true) }
            near = near ?? name
        }
        guard let near else {
            throw .notWritable(
                file: file,
                reason:
                    "no name of tokenizer.ggml.pre stands for how it splits texts (known: \(supportedNames))")
        }
        return (near, false)
    }

    /// Another way in which tokenizer.json says a splitting.
    private static func spelledOut(_ name: String) -> [PreTokenizer]? {
        guard name == "falcon", let groups = try? SplitPattern("[0-9][0-9][0-9]") else { return nil }
        return [
            .split(.punctuation, .contiguous, isInverted: false), .split(.gpt2, .isolated, isInverted: false),
            .byteAlphabet(ByteAlphabet()), .split(.number, .contiguous, isInverted: false),
            .split(groups, .isolated, isInverted: false),
        ]
    }
}
