public import NuthatchTensors

/// An answer as it is generated: pieces of text, each complete characters, in order.
///
/// Iterate once. Leaving the loop early cancels the generation within one token. The pieces joined are the
/// answer; after the last, `report()` says what it cost.
public struct AnswerStream: AsyncSequence, Sendable {
    /// One piece of the answer; printing it prints its text.
    public struct Piece: Sendable, Equatable, CustomStringConvertible {
        /// The text that became certain.
        public let text: String
        /// The tokens generated since the last piece.
        public let tokens: [TokenID]

        /// The piece's text.
        public var description: String { text }
    }

    let pieces: AsyncThrowingStream<Piece, any Error>
    let outcome: Task<GenerationReport, any Error>

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: pieces.makeAsyncIterator(), interest: Interest(in: outcome))
    }

    /// Reads pieces one by one.
    public struct Iterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<Piece, any Error>.Iterator
        let interest: Interest

        /// The next piece; nil after the last.
        public mutating func next() async throws -> Piece? { try await base.next() }
    }

    /// Lives as long as somebody reads; its end cancels what is still being generated.
    ///
    /// The stream beneath ends only when all its copies do, and this value holds one for `report()`.
    final class Interest: Sendable {
        private let outcome: Task<GenerationReport, any Error>

        init(in outcome: Task<GenerationReport, any Error>) { self.outcome = outcome }

        deinit { outcome.cancel() }
    }

    /// What the answer cost, once it has ended.
    ///
    /// - Throws: the `NuthatchError` that ended the generation.
    public func report() async throws -> GenerationReport { try await outcome.value }

    /// Reads all pieces and joins them.
    public func text() async throws -> String {
        var text = ""
        for try await piece in self { text += piece.text }
        return text
    }
}
