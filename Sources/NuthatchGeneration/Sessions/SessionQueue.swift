import NuthatchTensors
import Synchronization

/// Lets the verbs of a session have it one at a time, as `SessionState` decides.
///
/// Not part of the actor, so that an answer is asked for, and abandoned, at the moment its caller says so, and not
/// whenever the engine thread comes to it.
final class SessionQueue: Sendable {
    typealias Turn = SessionState.Turn

    private struct Contents {
        var state = SessionState()
        var waiting: [Turn: CheckedContinuation<Void, Never>] = [:]
    }

    private let contents = Mutex(Contents())

    /// Asks for a turn. Every turn has to be ended.
    ///
    /// - Throws: `NuthatchError` (usage) while an answer is being read.
    func ask(for verb: SessionState.Verb) throws(NuthatchError) -> Turn {
        switch contents.withLock({ $0.state.ask(for: verb) }) {
        case .begin(let turn), .wait(let turn): return turn
        case .refuse:
            throw NuthatchError(
                code: .usage,
                message: "The session is still answering a prompt; it can't \(verb.phrase) meanwhile.",
                remedy: "Wait for that answer to end, leave its loop, or use a session of its own.")
        }
    }

    /// Returns when what came before has ended.
    nonisolated(nonsending) func wait(for turn: Turn) async {
        await withCheckedContinuation { continuation in
            let isNow = contents.withLock { contents in
                guard !contents.state.has(turn) else { return true }
                contents.waiting[turn] = continuation
                return false
            }
            if isNow { continuation.resume() }
        }
    }

    /// Notes that nobody reads an answer any more.
    func abandon(_ turn: Turn) { contents.withLock { $0.state.abandon(turn) } }

    /// Lets the next one have the session.
    func end(_ turn: Turn) {
        let next = contents.withLock { contents in
            contents.state.end(turn).flatMap { contents.waiting.removeValue(forKey: $0) }
        }
        next?.resume()
    }
}

extension SessionState.Verb {
    /// What can't be done, as a refusal says it.
    fileprivate var phrase: String {
        switch self {
        case .answer: "answer another"
        case .reset: "be reset"
        case .saveCache: "save its cache"
        case .restoreCache: "take another cache"
        case .fork: "be forked"
        }
    }
}
