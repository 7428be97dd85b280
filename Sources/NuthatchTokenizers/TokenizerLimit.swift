/// A bound that vocabularies, patterns and texts meet before anything is allocated for them.
package enum TokenizerLimit: String, Equatable, Sendable {
    case pieceCount
    case pieceByteCount
    case mergeCount
    case addedTokenByteCount
    case nestingDepth
    case patternInstructionCount
    case patternPassCount
    case inputByteCount
    case searchedPieceByteCount
    case searchedByteCount
    case characterMapByteCount
    case replacementByteCount

    package var maximum: Int {
        switch self {
        // The largest published vocabularies have 262,144 ids (Gemma); sixteen times that is room enough.
        case .pieceCount: 1 << 22
        // Offsets are 32 bits wide; 128 bytes a piece is far over any published mean (7).
        case .pieceByteCount: 1 << 29
        // Published vocabularies have up to 2.2 rules a piece (Llama 3: 280,147 for 128,256).
        case .mergeCount: 1 << 24
        // Each position of a text may be compared with this many bytes. Published ones have up to 60.
        case .addedTokenByteCount: 1 << 10
        // Groups in a pattern; sequences of normalizers and pre-tokenizers. Published files nest three deep.
        case .nestingDepth: 32
        // A pattern after its counted repeats are written out. The pattern of o200k has about 150.
        case .patternInstructionCount: 1 << 12
        // How often one byte may be read again because a match ended before it. Published patterns read it twice.
        case .patternPassCount: 16
        // Merging holds about 48 bytes for each byte of the longest word: 0.75 GiB for a text of 16 MiB.
        case .inputByteCount: 1 << 24
        // Pieces of a unigram model, all of which that may begin at a position of a text are compared with it there.
        // SentencePiece's own bound is 16 characters where nothing else is said; runs of spaces have been longer.
        case .searchedPieceByteCount: 1 << 10
        // All of them together, of which each may take 32 bytes of a trie. mT5's 250,100 pieces have 2 MiB.
        case .searchedByteCount: 1 << 24
        // That of NFKC has 237,539 bytes.
        case .characterMapByteCount: 1 << 24
        // What one character of a text becomes; U+FDFA is 33 bytes long in NFKC.
        case .replacementByteCount: 1 << 10
        }
    }

    /// What is counted, as an error message says it.
    package var quantity: String {
        switch self {
        case .pieceCount: "pieces"
        case .pieceByteCount: "bytes in all pieces"
        case .mergeCount: "merges"
        case .addedTokenByteCount: "bytes in an added token"
        case .nestingDepth: "levels inside one another"
        case .patternInstructionCount: "steps in a pattern"
        case .patternPassCount: "readings of a byte"
        case .inputByteCount: "bytes in a text"
        case .searchedPieceByteCount: "bytes in a unigram piece"
        case .searchedByteCount: "bytes in all unigram pieces"
        case .characterMapByteCount: "bytes in a character map"
        case .replacementByteCount: "bytes in a replacement"
        }
    }
}
