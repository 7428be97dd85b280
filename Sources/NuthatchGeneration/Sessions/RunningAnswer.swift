import NuthatchTensors

/// An answer being generated, and how it is stopped.
struct RunningAnswer: Sendable {
    let outcome: Task<Answer, any Error>
    /// The turn of the session that it has; nil where it was refused.
    private let turn: (turns: SessionQueue, turn: SessionState.Turn)?

    /// Asks for a turn at once, and begins when it comes.
    ///
    /// - Parameter generate: in the turn; not called where nobody wanted the answer any more by then.
    init(
        in turns: SessionQueue, continuation: AsyncThrowingStream<AnswerStream.Piece, any Error>.Continuation,
        generate: @escaping @Sendable (SessionState.Turn) async throws -> Answer
    ) {
        do throws(NuthatchError) {
            let turn = try turns.ask(for: .answer)
            self.turn = (turns, turn)
            outcome = Task {
                do {
                    let answer = try await generate(turn)
                    continuation.finish()
                    return answer
                } catch {
                    let explained = (error as? any ExplainedError).map { NuthatchError($0) } ?? error
                    continuation.finish(throwing: explained)
                    throw explained
                }
            }
        } catch {
            turn = nil
            outcome = Task { throw error }
            continuation.finish(throwing: error)
        }
    }

    /// Ends the generation within a token. From now on the session's next verb waits for that.
    func cancel() {
        if let turn { turn.turns.abandon(turn.turn) }
        outcome.cancel()
    }
}
