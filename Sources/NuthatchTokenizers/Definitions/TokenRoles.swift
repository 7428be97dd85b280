import NuthatchTensors

/// The ids that have a part to play in generation.
struct TokenRoles: Equatable, Sendable {
    var beginningOfSequence: TokenID?
    var endOfSequence: TokenID?
    var unknown: TokenID?
    var padding: TokenID?
    /// Every id after which the model has nothing more to say.
    var endOfTurn: Set<TokenID> = []

    /// How published chat models spell the end of a turn or of a text.
    static let endOfTurnNames = [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<end_of_turn>", "<turn|>", "<|end|>",
        "<|endoftext|>", "<|eot|>", "<|return|>", "<|call|>", "<|END_OF_TURN_TOKEN|>", "<|end_of_turn|>",
        "<EOT>", "<eos>", "</s>", "<｜end▁of▁sentence｜>",
    ]

    /// Adds the ids of the known names that are markup in this vocabulary, and the end of the sequence.
    mutating func findEndOfTurn(pieces: PieceTable, kinds: [TokenKind]) {
        for name in Self.endOfTurnNames {
            guard let id = pieces.id(of: name) else { continue }
            switch kinds[Int(id)] {
            case .control, .userDefined: endOfTurn.insert(id)
            case .normal, .unknown, .unused, .byte: break
            }
        }
        if let endOfSequence { endOfTurn.insert(endOfSequence) }
    }
}
