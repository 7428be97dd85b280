package import NuthatchTensors

/// What one row of logits made of an answer: a token, what may be shown now, and what comes then.
package struct AnswerStep: Sendable, Equatable {
    /// What comes behind a step.
    package enum Next: Sendable, Equatable {
        /// The token is to be computed; its logits make the next step.
        case feed(TokenID)
        case finish(GenerationReport.FinishReason)
    }

    /// The token generated and the text that became certain. At an end from outside no token, and what was held back.
    package let piece: AnswerStream.Piece
    /// What the piece's token stands for, special tokens spelled out: perhaps a part of a character, perhaps nothing.
    package let bytes: [UInt8]
    package let next: Next

    package init(piece: AnswerStream.Piece, bytes: [UInt8] = [], next: Next) {
        self.piece = piece
        self.bytes = bytes
        self.next = next
    }
}
