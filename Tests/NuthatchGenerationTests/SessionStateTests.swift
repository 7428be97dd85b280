import NuthatchGeneration
import Testing

/// The one rule by which a session's verbs begin, wait or are refused.
@Suite struct SessionStateTests {
    typealias Verb = SessionState.Verb

    private func begin(_ verb: Verb, in state: inout SessionState) -> SessionState.Turn? {
        state.ask(for: verb).turn
    }

    @Test(arguments: Verb.allCases)
    func anIdleSessionTakesEveryVerb(_ verb: Verb) throws {
        var state = SessionState()
        let turn = try #require(begin(verb, in: &state))
        #expect(state.has(turn))
        #expect(state.end(turn) == nil)
        // As new, but for the number of the next turn.
        let next = try #require(begin(verb, in: &state))
        #expect(state.has(next) && next != turn)
    }

    @Test(
        "While one verb has the session another waits for it, unless it is an answer being read",
        arguments: Verb.allCases, Verb.allCases)
    func everyPair(first: Verb, second: Verb) throws {
        var state = SessionState()
        let turn = try #require(begin(first, in: &state))
        let before = state
        let decision = state.ask(for: second)
        if first == .answer {
            #expect(decision == .refuse)
            #expect(state == before)
            state.abandon(turn)
        }
        let waiting = try #require(first == .answer ? begin(second, in: &state) : decision.turn)
        #expect(!state.has(waiting))
        #expect(state.end(turn) == waiting)
        #expect(state.has(waiting))
        #expect(state.end(waiting) == nil)
    }

    @Test(
        "An answer that waits is wanted: what comes behind it is refused, until nobody reads it",
        arguments: Verb.allCases, Verb.allCases)
    func everyPairBehindAnAbandonedAnswer(second: Verb, third: Verb) throws {
        var state = SessionState()
        let left = try #require(begin(.answer, in: &state))
        state.abandon(left)
        let turn = try #require(begin(second, in: &state))
        let decision = state.ask(for: third)
        if second == .answer {
            #expect(decision == .refuse)
            state.abandon(turn)
        }
        let last = try #require(second == .answer ? begin(third, in: &state) : decision.turn)
        #expect(state.end(left) == turn)
        #expect(state.end(turn) == last)
    }

    @Test func whatEndsWhileItWaitsIsPassedOver() throws {
        var state = SessionState()
        let first = try #require(begin(.reset, in: &state))
        let second = try #require(begin(.saveCache, in: &state))
        let third = try #require(begin(.answer, in: &state))
        #expect(state.end(second) == first)
        #expect(state.end(first) == third)
    }
}

extension SessionState.Decision {
    fileprivate var turn: SessionState.Turn? {
        switch self {
        case .begin(let turn), .wait(let turn): turn
        case .refuse: nil
        }
    }
}
