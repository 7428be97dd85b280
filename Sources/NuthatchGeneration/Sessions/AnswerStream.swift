public import NuthatchTensors

/// An answer as it is generated: pieces of text, each complete characters, in order.
///
/// Iterate once. Leaving the loop early cancels the generation within one token, and the session can be asked again at
/// once. The pieces joined are the answer; after the last, `report()` says what it cost. `cancel()` ends it from outside
/// with a last piece. In a task that is cancelled the loop ends without one; `report()` then says `.cancelled`, and
/// `answer()` throws.
public struct AnswerStream: AsyncSequence, Sendable {
    /// One piece of the answer; printing it prints its text.
    public struct Piece: Sendable, Equatable, CustomStringConvertible {
        /// The text that became certain.
        public let text: String
        /// The tokens generated since the last piece. None where the answer's end let go of text that could have begun a
        /// stop string.
        public let tokens: [TokenID]

        /// The piece's text.
        public var description: String { text }

        package init(text: String, tokens: [TokenID]) {
            self.text = text
            self.tokens = tokens
        }
    }

    let pieces: AsyncThrowingStream<Piece, any Error>
    let running: RunningAnswer

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: pieces.makeAsyncIterator(), interest: Interest(in: running))
    }

    /// Reads pieces one by one.
    public struct Iterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<Piece, any Error>.Iterator
        let interest: Interest

        /// The next piece; nil after the last.
        ///
        /// - Throws: the `NuthatchError` that ended the generation.
        public mutating func next() async throws -> Piece? { try await base.next() }
    }

    /// Lives as long as somebody reads; its end cancels what is still being generated.
    ///
    /// The stream beneath ends only when all its copies do, and this value holds one for `report()`.
    final class Interest: Sendable {
        private let running: RunningAnswer

        init(in running: RunningAnswer) { self.running = running }

        deinit { running.cancel() }
    }

    /// Ends the answer within a token, while somebody goes on reading: what was held back, as part of a character or for
    /// a stop string, comes as its last piece. Then the loop ends, and `report()` says `.cancelled`. Nothing happens where
    /// the answer has ended.
    public func cancel() { running.cancel() }

    /// What the answer cost, once it has ended, and why it ended: `.cancelled` where its reader went.
    ///
    /// - Throws: the `NuthatchError` that ended the generation.
    public func report() async throws -> GenerationReport { try await ended().report }

    /// The whole answer, once it has ended, whatever of it was read piece by piece.
    ///
    /// - Throws: the `NuthatchError` that ended the generation; `CancellationError` where the answer was cancelled, by its
    ///   reader or with the task that waits here: a part is no answer. `report()` tells of that too.
    public func answer() async throws -> Answer {
        let answer = try await withTaskCancellationHandler {
            try await ended()
        } onCancel: {
            running.cancel()
        }
        guard answer.finishReason != .cancelled else { throw CancellationError() }
        return answer
    }

    /// The whole answer's text; `answer()` says why it ended too.
    ///
    /// - Throws: what `answer()` throws.
    public func text() async throws -> String { try await answer().text }

    private func ended() async throws -> Answer {
        // Were the stream let go of here, its end would cancel what is waited for.
        defer { withExtendedLifetime(pieces) {} }
        return try await running.outcome.value
    }
}
