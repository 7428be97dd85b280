/// Whether a failed transfer is worth another attempt: a decision, made from the failure and what came of it.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in a row that may bring nothing. One that brought bytes starts the count anew, so a long file
    /// gets through a bad line.
    package var fruitlessLimit = 3
    package var firstPause: Duration = .milliseconds(500)
    /// A server that wants a longer pause is left for another source.
    package var longestPause: Duration = .seconds(20)

    package init() {}

    package enum Decision: Equatable {
        case retry(after: Duration)
        case giveUp
    }

    /// `fruitlessCount` counts attempts without a byte, this one included.
    package func decide(_ failure: HTTPFailure, fruitlessCount: Int) -> Decision {
        guard fruitlessCount < fruitlessLimit else { return .giveUp }
        let pause = firstPause * (1 << max(0, min(fruitlessCount - 1, 16)))
        switch failure {
        case .stalled, .dropped:
            return .retry(after: min(pause, longestPause))
        case .status(let status, let wanted) where status == 429 || (500...599).contains(status):
            let pause = max(pause, wanted ?? .zero)
            return pause <= longestPause ? .retry(after: pause) : .giveUp
        case .status, .noClient, .noThread, .unreachable, .noAnswer, .wrongAnswer, .rangeNotKept, .store,
            .cancelled:
            return .giveUp
        }
    }
}
