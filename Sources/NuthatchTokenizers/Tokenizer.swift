package import NuthatchCheckpoints
public import NuthatchTensors

/// Text to token ids and back, for one model's vocabulary.
///
/// Byte-pair encoding in its two published forms, byte-level (GPT-2, Llama 3, Qwen, SmolLM) and SentencePiece's
/// (Llama 2, Gemma), and SentencePiece's unigram models (T5), read from GGUF metadata or from tokenizer.json.
/// Immutable after loading.
public final class Tokenizer: Sendable {
    let definition: TokenizerDefinition
    /// Added tokens looked for in the text as given.
    let rawMatcher: AddedTokenMatcher
    /// Added tokens looked for after normalisation.
    let normalizedMatcher: AddedTokenMatcher
    let isSpecial: [Bool]

    /// Reads the tokenizer of a GGUF file.
    package convenience init(gguf: GGUFFile) throws(TokenizerError) {
        try self.init(try GGUFTokenizerReader(gguf).definition())
    }

    /// Reads tokenizer.json of a Hugging Face directory, and the files beside it that add tokens.
    package convenience init(directory: HuggingFaceDirectory) throws(TokenizerError) {
        let (root, configuration, map, added) = try TokenizerError.wrapping {
            () throws(CheckpointError) in
            (
                try directory.tokenizer(), try directory.tokenizerConfig(),
                try directory.json(.specialTokensMap), try directory.json(.addedTokens)
            )
        }
        guard let root else {
            throw .noTokenizer(
                directory: directory.path, others: Self.sentencePieceFiles.filter(directory.holds))
        }
        let reader = TokenizerJSONReader(
            root: root, configuration: configuration, specialTokensMap: map, addedTokens: added)
        var definition = try reader.definition()
        do {
            definition.chatTemplate = try directory.defaultChatTemplate()
        } catch {
            definition.chatTemplateFault = .checkpoint(error)
        }
        try self.init(definition)
    }

    /// How models that SentencePiece wrote are called, Marian's first.
    private static let sentencePieceFiles = ["source.spm", "target.spm", "spiece.model", "tokenizer.model"]

    /// Reads a tokenizer.json alone.
    package convenience init(json: JSONField, configuration: JSONField? = nil) throws(TokenizerError) {
        let reader = TokenizerJSONReader(
            root: json, configuration: configuration, specialTokensMap: nil, addedTokens: nil)
        try self.init(try reader.definition())
    }

    private init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        self.definition = definition
        rawMatcher = AddedTokenMatcher(
            definition.addedTokens.filter { !$0.isNormalized },
            splitsSpecialTokens: definition.splitsSpecialTokens)
        var normalized: [AddedToken] = []
        for var token in definition.addedTokens where token.isNormalized {
            for normalizer in definition.normalizers {
                token.content = try normalizer.apply(to: token.content)
            }
            normalized.append(token)
        }
        normalizedMatcher = AddedTokenMatcher(
            normalized, splitsSpecialTokens: definition.splitsSpecialTokens)
        var isSpecial = [Bool](repeating: false, count: definition.pieces.count)
        for token in definition.addedTokens where token.isSpecial { isSpecial[Int(token.id)] = true }
        self.isSpecial = isSpecial
    }
}

extension Tokenizer {
    /// What the tokenizer's file leaves open and was assumed, in a sentence; nil where it says all.
    package var remark: String? { definition.remark }

    /// How many ids there are; valid ones lie below it. A model's output may be padded to more.
    public var vocabularySize: Int { definition.pieces.count }

    /// The id that starts a sequence, where the model has one.
    public var beginningOfSequence: TokenID? { definition.roles.beginningOfSequence }

    /// The id that ends a sequence, where the model has one.
    public var endOfSequence: TokenID? { definition.roles.endOfSequence }

    /// The id for text outside the vocabulary, where the model has one.
    public var unknown: TokenID? { definition.roles.unknown }

    /// The id that fills up batches, where the model has one.
    public var padding: TokenID? { definition.roles.padding }

    /// Tokens by the names that chat templates write them by: `bos_token`, `eos_token` and what else the files name.
    package var templateVariables: [ChatMember] {
        var variables = definition.namedTokens.map { ChatMember($0.name, .string($0.content)) }
        let roles = [
            ("bos_token", beginningOfSequence), ("eos_token", endOfSequence), ("unk_token", unknown),
            ("pad_token", padding),
        ]
        for (name, id) in roles where !variables.contains(where: { $0.name == name }) {
            if let id { variables.append(ChatMember(name, .string(text(of: id)))) }
        }
        return variables
    }

    /// Every id after which the model has finished its turn; includes `endOfSequence`.
    public var endOfTurn: Set<TokenID> { definition.roles.endOfTurn }

    /// Whether `encode` puts `beginningOfSequence` first when special tokens are wanted.
    public var addsBeginningOfSequence: Bool {
        guard let first = definition.prefix.first else { return false }
        return first == beginningOfSequence
    }

    /// The source of the model's chat template, where its files hold one.
    public var chatTemplate: String? { definition.chatTemplate }

    /// Why the file that holds the chat template can't be read.
    package var chatTemplateFault: TokenizerError? { definition.chatTemplateFault }

    /// The markup of this vocabulary (`<|im_start|>` and the like), by id.
    public var specialTokens: [(id: TokenID, text: String)] {
        definition.addedTokens.filter(\.isSpecial)
            .map { (id: $0.id, text: String(decoding: $0.content, as: UTF8.self)) }
            .sorted { $0.id < $1.id }
    }

    /// Whether an id is markup rather than text.
    public func isSpecial(_ id: TokenID) -> Bool { isSpecial.indices.contains(Int(id)) && isSpecial[Int(id)] }

    /// The id of a piece as the vocabulary spells it ("Ġbird", "▁bird", "<|im_end|>").
    public func id(of piece: String) -> TokenID? { definition.pieces.id(of: piece) }

    /// The piece of an id as the vocabulary spells it; empty for ids outside it.
    public func text(of id: TokenID) -> String {
        (0..<vocabularySize).contains(Int(id)) ? definition.pieces.text(of: Int(id)) : ""
    }

    /// The bytes an id stands for, which may be a part of a character; empty for ids outside the vocabulary.
    public func bytes(of id: TokenID) -> [UInt8] {
        (0..<vocabularySize).contains(Int(id)) ? Array(definition.decoding.bytes[Int(id)]) : []
    }
}
