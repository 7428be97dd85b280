package import NuthatchCheckpoints
import NuthatchTensors

/// Writes a tokenizer as the metadata of a GGUF file (keys `tokenizer.*`): what `GGUFTokenizerReader` reads, the other
/// way.
package struct TokenizerWriter {
    package private(set) var fields: GGUFFields
    /// What GGUF has no word for and does without, in sentences.
    package private(set) var notes: [String] = []
    private let definition: TokenizerDefinition
    private let file: String

    /// Adds a tokenizer to a header.
    ///
    /// - Parameters:
    ///   - fields: what the header has already.
    ///   - tokenCount: how many ids the model has; ids without a piece are filled up, added tokens beyond are left out.
    ///   - endTokens: the ids that end an answer, as the model's other files have them.
    ///   - file: named by the errors.
    /// - Throws: `TokenizerError.vocabularyMismatch` for a tokenizer of another model, `.notWritable` for one that
    ///   GGUF can't say.
    package init(
        _ tokenizer: Tokenizer, into fields: GGUFFields, tokenCount: Int, endTokens: Set<Int32>, file: String
    ) throws(TokenizerError) {
        self.fields = fields
        self.file = file
        definition = tokenizer.definition
        try tokenizer.checkFit(tokenCount: tokenCount, file: file)
        try setModel(tokenCount: tokenCount)
        setPieces(tokenCount: tokenCount)
        if definition.splitsSpecialTokens {
            notes.append(
                "Special tokens that a text spells are text to the original tokenizer (split_special_tokens), and tokens "
                    + "to readers of GGUF.")
        }
        try setEnds()
        setRoles(endTokens: endTokens, tokenCount: tokenCount)
        if let template = definition.chatTemplate { self.fields.set("tokenizer.chat_template", template) }
    }

    private mutating func set(_ key: String, _ value: String) { fields.set("tokenizer.ggml.\(key)", value) }

    private mutating func set(_ key: String, _ value: Bool) { fields.set("tokenizer.ggml.\(key)", value) }

    private mutating func set(_ key: String, _ id: Int32?) {
        if let id, id >= 0 { fields.set("tokenizer.ggml.\(key)", UInt32(id)) }
    }

    private mutating func setModel(tokenCount: Int) throws(TokenizerError) {
        guard case .ranked(let merges) = definition.segmentation else {
            throw .notWritable(file: file, reason: Self.refusal(of: definition.segmentation))
        }
        if definition.isByteLevel {
            let (name, isExact) = try GGUFPreTokenizers.name(of: definition, merges: merges, file: file)
            if !isExact {
                notes.append(
                    "The tokenizer takes whole words first, which GGUF's pre-tokenizer \(name) does not.")
            }
            set("model", "gpt2")
            set("pre", name)
            fields.set("tokenizer.ggml.merges", merges.rules(spelledBy: definition.pieces))
        } else {
            let vocabulary = try ScoredVocabulary(definition, merges, file: file)
            if vocabulary.marksWhereNoneIs {
                notes.append(
                    "Text that begins with a space, or stands behind markup, gets a space before it, which the "
                        + "original tokenizer does not add.")
            }
            set("model", "llama")
            set("pre", "default")
            set("add_space_prefix", vocabulary.addsSpacePrefix)
            let padding = [Float](
                repeating: ScoredVocabulary.unmerged, count: max(0, tokenCount - vocabulary.scores.count))
            fields.set("tokenizer.ggml.scores", (vocabulary.scores + padding).prefix(tokenCount))
        }
    }

    private static func refusal(of segmentation: TokenizerDefinition.Segmentation) -> String {
        switch segmentation {
        case .unigram: "its pieces are of a unigram model, of which Nuthatch writes none"
        case .ranked, .scored: "it is a GGUF file's already"
        }
    }

    private mutating func setPieces(tokenCount: Int) {
        let pieces = definition.pieces
        var texts: [String] = []
        var kinds: [Int32] = []
        for id in 0..<tokenCount {
            let text = id < pieces.count ? pieces.text(of: id) : ""
            if text.isEmpty {
                var filler = "[PAD\(id)]"
                while pieces.id(of: filler) != nil { filler += "]" }
                texts.append(filler)
                kinds.append(Int32(TokenKind.unused.rawValue))
            } else {
                let isUnknown = !definition.isByteLevel && definition.roles.unknown.map(Int.init) == id
                let kind = isUnknown ? .unknown : definition.kinds[id]
                // Readers look for such tokens in the text as it came, and write them as they are.
                let isSpelledInMarks = kind == .userDefined && !definition.isByteLevel
                texts.append(isSpelledInMarks ? text.replacing("▁", with: " ") : text)
                kinds.append(Int32(kind.rawValue))
            }
        }
        fields.set("tokenizer.ggml.tokens", texts)
        fields.set("tokenizer.ggml.token_type", kinds)
        if pieces.count > tokenCount {
            notes.append(
                "\(pieces.count - tokenCount) added tokens have ids beyond the model's \(tokenCount) and are "
                    + "left out.")
        }
        let markedCount = definition.addedTokens.count { token in
            !token.isSpecial && String(decoding: token.content, as: UTF8.self).contains("▁")
        }
        if markedCount > 0, !definition.isByteLevel {
            notes.append("\(markedCount) added tokens spelled with ▁ are written, and matched, with spaces.")
        }
        let greedy = definition.addedTokens.count { $0.stripsLeft || $0.stripsRight || $0.isSingleWord }
        if greedy > 0 {
            notes.append(
                "\(greedy) added tokens take the whitespace beside them or whole words only, which GGUF can't say."
            )
        }
    }

    /// What goes before and after a text: nothing, or the one id that has that part.
    private mutating func setEnds() throws(TokenizerError) {
        let roles = definition.roles
        guard definition.prefix.isEmpty || definition.prefix == [roles.beginningOfSequence],
            definition.suffix.isEmpty || definition.suffix == [roles.endOfSequence]
        else {
            throw .notWritable(
                file: file,
                reason: "it puts ids around texts that are not the beginning and end of a sequence")
        }
        set("add_bos_token", !definition.prefix.isEmpty)
        set("add_eos_token", !definition.suffix.isEmpty)
    }

    private mutating func setRoles(endTokens: Set<Int32>, tokenCount: Int) {
        let roles = definition.roles
        func known(_ id: Int32?) -> Int32? { id.flatMap { Int($0) < tokenCount ? $0 : nil } }
        set("bos_token_id", known(roles.beginningOfSequence))
        set("eos_token_id", known(roles.endOfSequence))
        set("unknown_token_id", known(roles.unknown))
        set("padding_token_id", known(roles.padding))
        // One that its name does not tell.
        set("eot_token_id", known(endTokens.subtracting(roles.endOfTurn).min()))
    }
}

extension TokenizerDefinition {
    /// Whether pieces are spelled in GPT-2's alphabet of bytes.
    var isByteLevel: Bool {
        if case .ranked(let merges) = segmentation, case .bytes = merges.alphabet { return true }
        return preTokenizers.contains { step in
            if case .byteAlphabet = step { true } else { false }
        }
    }
}

extension RankedMerges {
    /// "left right", best rule first.
    fileprivate func rules(spelledBy pieces: PieceTable) -> [String] {
        var ordered: [MergeTable.Rule] = []
        ordered.reserveCapacity(rules.count)
        rules.forEach { ordered.append($0) }
        ordered.sort { $0.rank < $1.rank }
        return ordered.map { "\(pieces.text(of: Int($0.left))) \(pieces.text(of: Int($0.right)))" }
    }
}
