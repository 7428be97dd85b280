/// Who has a session, and who waits for it: decides whether a verb begins, waits or is refused.
///
/// The verbs that change or save what a session holds have it one at a time, in the order they were asked for. One rule
/// decides for all of them:
///
/// - while an answer is before it that somebody still reads, a verb is refused, for that may take long;
/// - behind what ends by itself soon (an answer that nobody reads any more ends within a token; a reset, a cache being
///   saved or restored), it waits;
/// - where nothing is before it, it begins.
///
/// Looking at a session needs no turn: what it holds is whole between two tokens.
package struct SessionState: Equatable, Sendable {
    /// What a session is asked to do.
    package enum Verb: CaseIterable, Sendable {
        case answer
        case reset
        case saveCache
        case restoreCache
        case fork
    }

    /// A verb's place in the order.
    package struct Turn: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// What becomes of a verb.
    package enum Decision: Equatable, Sendable {
        case begin(Turn)
        case wait(Turn)
        case refuse
    }

    private struct Entry: Equatable {
        let turn: Turn
        let verb: Verb
        var isWanted = true
    }

    /// In the order they came; the first one has the session.
    private var entries: [Entry] = []
    private var turnCount = 0

    package init() {}

    /// Takes a verb that was asked for.
    package mutating func ask(for verb: Verb) -> Decision {
        if entries.contains(where: { $0.verb == .answer && $0.isWanted }) { return .refuse }
        let turn = Turn(number: turnCount)
        turnCount += 1
        entries.append(Entry(turn: turn, verb: verb))
        return has(turn) ? .begin(turn) : .wait(turn)
    }

    /// Whether it is this verb's turn.
    package func has(_ turn: Turn) -> Bool { entries.first?.turn == turn }

    /// Notes that nobody wants a verb's result any more. It still has its turn, and ends soon.
    package mutating func abandon(_ turn: Turn) {
        for index in entries.indices where entries[index].turn == turn { entries[index].isWanted = false }
    }

    /// Notes that a verb has ended.
    ///
    /// - Returns: whose turn it is now.
    package mutating func end(_ turn: Turn) -> Turn? {
        entries.removeAll { $0.turn == turn }
        return entries.first?.turn
    }
}
