import NuthatchCheckpoints
import NuthatchTensors

/// Reads a tokenizer from the metadata of a GGUF file (keys `tokenizer.ggml.*`).
struct GGUFTokenizerReader {
    let file: String
    /// Scoped to `tokenizer.ggml`.
    let metadata: GGUFMetadata
    let architecture: String?
    private let chatTemplate: String?
    private let chatTemplateFault: TokenizerError?

    init(_ gguf: GGUFFile) throws(TokenizerError) {
        file = gguf.path
        metadata = gguf.metadata.scoped(to: "tokenizer.ggml")
        architecture = try TokenizerError.wrapping { () throws(CheckpointError) in
            try gguf.metadata.optionalString("general.architecture")
        }
        do {
            chatTemplate = try gguf.defaultChatTemplate()
            chatTemplateFault = nil
        } catch {
            chatTemplate = nil
            chatTemplateFault = .checkpoint(error)
        }
    }

    func definition() throws(TokenizerError) -> TokenizerDefinition {
        let model = try TokenizerError.wrapping { () throws(CheckpointError) in try metadata.string("model") }
        var definition: TokenizerDefinition
        var defaults = Defaults()
        switch model {
        case "gpt2": (definition, defaults.addsBeginning) = try byteLevel()
        case "llama":
            definition = try sentencePiece()
            defaults = Defaults(unknown: 0, beginning: 1, end: 2, addsBeginning: true)
        case "t5":
            defaults = Defaults(unknown: 2, end: 1, addsEnd: true)
            definition = try unigram(unknown: defaults.unknown)
        default:
            throw .unsupported(
                file: file, field: "tokenizer.ggml.model", value: model,
                supported: "gpt2 (byte-level BPE), llama (SentencePiece BPE) and t5 (Unigram)")
        }
        definition.addedTokens = try addedTokens(
            definition, stripsRight: model == "llama" && architecture == "phi3")
        definition.chatTemplate = chatTemplate
        definition.chatTemplateFault = chatTemplateFault
        try setRoles(of: &definition, defaults: defaults)
        let roles = definition.roles
        if try flag("add_bos_token") ?? defaults.addsBeginning, let id = roles.beginningOfSequence {
            definition.prefix = [id]
        }
        if try flag("add_eos_token") ?? defaults.addsEnd, let id = roles.endOfSequence {
            definition.suffix = [id]
        }
        return definition
    }

    /// What a model's kind stands for where a file doesn't say: SentencePiece's and T5's own ids.
    private struct Defaults {
        var unknown: TokenID?
        var beginning: TokenID?
        var end: TokenID?
        var addsBeginning = false
        var addsEnd = false
    }

    private func byteLevel() throws(TokenizerError) -> (TokenizerDefinition, addsBeginning: Bool) {
        let name = try TokenizerError.wrapping { () throws(CheckpointError) in
            try metadata.optionalString("pre")
        }
        let assumed = "default"
        let entry = try preTokenizers(named: name ?? assumed)
        let (pieces, kinds) = try vocabulary()
        let rules = try TokenizerError.wrapping { () throws(CheckpointError) in try metadata.strings("merges")
        }
        // No rule makes markup of a text. Whole words are what the model itself lists: converters give that no other kind,
        // and what was added to it is markup or the user's. A single character that is special (padding) is one still.
        let isCharacter = kinds.indices.map { pieces.text(of: $0).unicodeScalars.count == 1 }
        let isText = zip(kinds, isCharacter).map { $1 || $0 != .control && $0 != .unknown }
        let isListed = zip(kinds, isCharacter).map { $1 || $0 == .normal || $0 == .byte }
        var reader = try MergeRuleReader(
            file: file, field: "tokenizer.ggml.merges", pieces: pieces, isText: isText,
            ruleCount: rules.count)
        for rule in rules { try reader.add(rule) }
        let alphabet = ByteAlphabet()
        // Markup is never what a text becomes.
        let unknown = try id("unknown_token_id", pieces.count).flatMap { isText[Int($0)] ? $0 : nil }
        let byteIDs = VocabularyBuilder.byteIDs(pieces, alphabet, isText: isText)
        try VocabularyBuilder(file: file, field: "tokenizer.ggml.tokens").checkBytes(
            byteIDs, unknown: unknown)
        let merges = RankedMerges(
            alphabet: .bytes(byteIDs), rules: reader.table, isText: isListed, unknown: unknown,
            fusesUnknown: false, wholeWordsFirst: entry.wholeWordsFirst, byteAlphabet: alphabet)
        var definition = TokenizerDefinition(pieces: pieces, kinds: kinds, segmentation: .ranked(merges))
        if name == nil {
            definition.remark =
                "\(file) doesn't say how texts are cut into words (tokenizer.ggml.pre), and \"\(assumed)\" is assumed; if "
                + "the model was trained with another pre-tokenizer, its tokens are others."
        }
        definition.normalizers = entry.normalizers
        definition.preTokenizers = entry.preTokenizers
        definition.decoding.bytes = PieceDecoding.decode(pieces) { id, piece, bytes in
            let isSpelled = kinds[id] == .normal && alphabet.bytes(spelledBy: piece, into: &bytes)
            if !isSpelled { PieceDecoding.append(piece, to: &bytes) }
        }
        return (definition, entry.addsBeginningOfSequence)
    }

    private func preTokenizers(named name: String) throws(TokenizerError) -> GGUFPreTokenizers.Entry {
        let field = "tokenizer.ggml.pre"
        do {
            if let entry = try GGUFPreTokenizers.entry(named: name) { return entry }
        } catch {
            throw .unsupportedPattern(file: file, field: field, pattern: name, reason: error.reason)
        }
        throw .unsupported(file: file, field: field, value: name, supported: GGUFPreTokenizers.supportedNames)
    }

    private func sentencePiece() throws(TokenizerError) -> TokenizerDefinition {
        let (pieces, kinds) = try vocabulary()
        let scores = try scores(count: pieces.count)
        let merges = ScoredMerges(
            scores: scores.map(Float.init), kinds: kinds, fallback: VocabularyBuilder.byteFallback(pieces),
            unknown: try id("unknown_token_id", pieces.count) ?? 0)
        var definition = TokenizerDefinition(pieces: pieces, kinds: kinds, segmentation: .scored(merges))
        let addsSpace = try flag("add_space_prefix") ?? true
        let mark = Array("▁".utf8)
        if addsSpace { definition.normalizers.append(.prepend(mark)) }
        definition.normalizers.append(.replace(.literal([UInt8(ascii: " ")]), with: mark))
        if VocabularyBuilder.mayCutBeforeMarks(mark, pieces, kinds) {
            definition.preTokenizers.append(.beforeMarks(mark))
        }
        definition.decoding = decoding(of: pieces, kinds, mark: mark, addsSpace: addsSpace)
        return definition
    }

    func scores(count: Int) throws(TokenizerError) -> [Double] {
        let scores = try TokenizerError.wrapping { () throws(CheckpointError) in
            try metadata.numbers("scores")
        }
        guard scores.count == count else {
            throw .malformed(
                file: file, field: "tokenizer.ggml.scores",
                reason: "has \(Counted.text(scores.count, "element")) for \(Counted.text(count, "piece"))")
        }
        return scores
    }

    /// SentencePiece's spelling, with marks for spaces.
    func decoding(
        of pieces: PieceTable, _ kinds: [TokenKind], mark: [UInt8], addsSpace: Bool
    ) -> TokenizerDefinition.Decoding {
        var decoding = TokenizerDefinition.Decoding()
        decoding.leadingSpace = addsSpace ? .firstDropped : .kept
        decoding.bytes = PieceDecoding.decode(pieces) { id, piece, bytes in
            switch kinds[id] {
            case .byte:
                if let byte = TokenKind.byte(spelledBy: piece) { bytes.append(byte) }
            case .normal, .unused:
                PieceDecoding.append(piece, replacing: mark, with: [UInt8(ascii: " ")], to: &bytes)
            case .unknown, .control, .userDefined: PieceDecoding.append(piece, to: &bytes)
            }
        }
        return decoding
    }

    func vocabulary() throws(TokenizerError) -> (PieceTable, [TokenKind]) {
        let field = "tokenizer.ggml.tokens"
        let texts = try TokenizerError.wrapping { () throws(CheckpointError) in try metadata.strings("tokens")
        }
        try VocabularyBuilder.check(texts.count, .pieceCount, file: file, field: field)
        var byteCount = 0
        for text in texts { byteCount += text.utf8.count }
        try VocabularyBuilder.check(byteCount, .pieceByteCount, file: file, field: field)
        var packed = PackedBytes()
        packed.reserve(count: texts.count, byteCount: byteCount)
        for text in texts { packed.append(text.utf8) }
        return (try VocabularyBuilder(file: file, field: field).table(packed), try kinds(count: texts.count))
    }

    private func kinds(count: Int) throws(TokenizerError) -> [TokenKind] {
        let field = "tokenizer.ggml.token_type"
        let types = try TokenizerError.wrapping { () throws(CheckpointError) in
            try metadata.optionalIntegers("token_type")
        }
        guard let types else { return [TokenKind](repeating: .normal, count: count) }
        guard types.count == count else {
            throw .malformed(
                file: file, field: field,
                reason: "has \(Counted.text(types.count, "element")) for \(Counted.text(count, "piece"))")
        }
        var kinds: [TokenKind] = []
        kinds.reserveCapacity(count)
        for (id, type) in types.enumerated() {
            guard let kind = UInt8(exactly: type).flatMap(TokenKind.init) else {
                throw .malformed(file: file, field: "\(field)[\(id)]", reason: "is \(type), outside 1 to 6")
            }
            kinds.append(kind)
        }
        return kinds
    }

    /// - Parameter stripsRight: Phi-3's markup takes the whitespace behind it, which GGUF cannot say.
    private func addedTokens(_ definition: TokenizerDefinition, stripsRight: Bool) throws(TokenizerError)
        -> [AddedToken]
    {
        let exceptions = ["<unk>", "<s>", "<|endoftext|>"].map { Array($0.utf8) }
        var tokens: [AddedToken] = []
        for (id, kind) in definition.kinds.enumerated() {
            let isSpecial: Bool
            switch kind {
            case .normal, .unused, .byte: continue
            case .userDefined: isSpecial = false
            case .unknown, .control: isSpecial = true
            }
            let content = Array(definition.pieces.pieces[id])
            try VocabularyBuilder.check(
                content.count, .addedTokenByteCount, file: file, field: "tokenizer.ggml.tokens[\(id)]")
            tokens.append(
                AddedToken(
                    id: TokenID(id), content: content, isSpecial: isSpecial,
                    stripsRight: stripsRight && !exceptions.contains(content)))
        }
        return tokens
    }

    private func setRoles(
        of definition: inout TokenizerDefinition, defaults: Defaults
    ) throws(TokenizerError) {
        let count = definition.pieces.count
        func fallback(_ id: TokenID?) -> TokenID? { id.flatMap { Int($0) < count ? $0 : nil } }
        var roles = TokenRoles()
        roles.unknown = try id("unknown_token_id", count) ?? fallback(defaults.unknown)
        roles.beginningOfSequence = try id("bos_token_id", count) ?? fallback(defaults.beginning)
        roles.endOfSequence = try id("eos_token_id", count) ?? fallback(defaults.end)
        roles.padding = try id("padding_token_id", count)
        for key in ["eot_token_id", "eom_token_id"] {
            if let id = try id(key, count) { roles.endOfTurn.insert(id) }
        }
        roles.findEndOfTurn(pieces: definition.pieces, kinds: definition.kinds)
        definition.roles = roles
    }

    func flag(_ key: String) throws(TokenizerError) -> Bool? {
        try TokenizerError.wrapping { () throws(CheckpointError) in try metadata.optionalBool(key) }
    }

    func id(_ key: String, _ count: Int) throws(TokenizerError) -> TokenID? {
        let value = try TokenizerError.wrapping { () throws(CheckpointError) in
            try metadata.optionalInteger(key)
        }
        // Converters write -1, in 32 unsigned bits, for "none".
        guard let value, value != -1, value != Int(UInt32.max) else { return nil }
        guard (0..<count).contains(value) else {
            throw .idOutOfRange(file: file, field: "tokenizer.ggml.\(key)", id: value, vocabularySize: count)
        }
        return TokenID(value)
    }
}
