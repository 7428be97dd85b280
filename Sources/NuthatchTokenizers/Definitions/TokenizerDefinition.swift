import NuthatchTensors

/// A tokenizer as its file states it, whichever format that was: the neutral ground where GGUF and tokenizer.json
/// meet.
struct TokenizerDefinition: Sendable {
    /// How a word becomes pieces.
    enum Segmentation: Sendable {
        case ranked(RankedMerges)
        case scored(ScoredMerges)
        case unigram(UnigramModel)
    }

    /// How an id turns back into bytes.
    struct Decoding: Sendable {
        enum LeadingSpace: Sendable {
            case kept
            /// One space at the very start goes (SentencePiece's dummy prefix).
            case firstDropped
            /// Every mark of the first piece goes (the Metaspace decoder).
            case marksOfFirstPieceDropped
        }
        /// The bytes of each id.
        var bytes = PackedBytes()
        var leadingSpace = LeadingSpace.kept
    }

    /// The pieces as the file spells them.
    var pieces: PieceTable
    var kinds: [TokenKind]
    var addedTokens: [AddedToken] = []
    /// Whether special tokens that a text spells are text, each cut into pieces: `split_special_tokens`.
    var splitsSpecialTokens = false
    var normalizers: [Normalizer] = []
    var preTokenizers: [PreTokenizer] = []
    var segmentation: Segmentation
    var decoding = Decoding()
    /// What goes before and after a text where the caller wants special tokens.
    var prefix: [TokenID] = []
    var suffix: [TokenID] = []
    var roles = TokenRoles()
    /// Names that chat templates may write tokens by, such as `pad_token`, beside those of `roles`.
    var namedTokens: [(name: String, content: String)] = []
    /// What its file leaves open and was assumed, in a sentence.
    var remark: String?
    /// The source of the chat template.
    var chatTemplate: String?
    /// Why the file that holds the chat template can't be read.
    var chatTemplateFault: TokenizerError?
}
