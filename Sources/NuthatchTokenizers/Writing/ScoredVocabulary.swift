import NuthatchTensors

/// Merge rules by rank as SentencePiece's scores, and what else GGUF's model `llama` says of such a tokenizer.
///
/// SentencePiece merges whichever neighbours make the piece of the highest score; `tokenizers` got its rules from such
/// scores. Going back, a piece scores minus the rank of the first rule that makes it.
struct ScoredVocabulary {
    let scores: [Float]
    let addsSpacePrefix: Bool
    /// The original puts its mark only where a text does not begin with one, or only before the first text.
    private(set) var marksWhereNoneIs = false

    /// The score of pieces that no rule makes: below all others.
    static let unmerged: Float = -1e9

    private static let mark = Array("▁".utf8)

    init(_ definition: TokenizerDefinition, _ merges: RankedMerges, file: String) throws(TokenizerError) {
        guard case .scalars(.some) = merges.alphabet else {
            throw .notWritable(
                file: file, reason: "it has no pieces <0x00> to <0xFF> for what its vocabulary lacks")
        }
        let spaces = Normalizer.replace(.literal([UInt8(ascii: " ")]), with: Self.mark)
        // Added by the reader of tokenizer.json where it changes nothing.
        let steps = definition.preTokenizers.filter { $0 != .beforeMarks(Self.mark) }
        if definition.normalizers == [.prepend(Self.mark), spaces], steps.isEmpty {
            addsSpacePrefix = true
        } else if definition.normalizers == [spaces], steps.isEmpty || steps == [Self.gemmaStep] {
            // Gemma's step looks for spaces, and there are none left.
            addsSpacePrefix = false
        } else if definition.normalizers.isEmpty, steps.count == 1,
            case .metaspace(Self.mark, let prefix, _) = steps[0]
        {
            addsSpacePrefix = prefix != .never
            marksWhereNoneIs = prefix != .never
        } else {
            throw .notWritable(
                file: file, reason: "its normalizer and pre-tokenizer are no SentencePiece model's")
        }
        scores = try Self.scores(definition, merges, file: file)
    }

    private static let gemmaStep = PreTokenizer.split(
        .literal([UInt8(ascii: " ")]), .mergedWithPrevious, isInverted: false)

    private static func scores(
        _ definition: TokenizerDefinition, _ merges: RankedMerges, file: String
    ) throws(TokenizerError) -> [Float] {
        var ranks = [UInt32](repeating: .max, count: definition.pieces.count)
        merges.rules.forEach { rule in
            let id = Int(rule.result)
            ranks[id] = min(ranks[id], rule.rank)
        }
        for (id, rank) in ranks.enumerated() where rank == .max && definition.kinds[id] == .normal {
            guard !canBeMerged(Array(definition.pieces.pieces[id]), definition.pieces) else {
                throw .notWritable(
                    file: file,
                    reason:
                        "SentencePiece would make \"\(definition.pieces.text(of: id))\" by merging, and no "
                        + "rule here does")
            }
        }
        return ranks.map { $0 == .max ? unmerged : -Float($0) }
    }

    /// Whether two pieces make this one.
    private static func canBeMerged(_ piece: [UInt8], _ pieces: PieceTable) -> Bool {
        guard piece.count > 1 else { return false }
        return (1..<piece.count).contains { cut in
            pieces.id(of: Array(piece[..<cut])) != nil && pieces.id(of: Array(piece[cut...])) != nil
        }
    }
}
