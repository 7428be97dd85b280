/// Which positions a layer keeps.
package enum Retention: Sendable, Equatable {
    /// Every position.
    case full
    /// The query's own position and the `length - 1` before it.
    case window(length: Int)

    /// The first position that a query at `position` sees; it sees all from there to its own.
    package func firstVisible(from position: Int) -> Int {
        switch self {
        case .full: 0
        case .window(let length): max(0, position - length + 1)
        }
    }

    /// How many positions a query sees at most, its own included; no position is beyond the limit of a full
    /// history.
    var visibleCount: Int64 {
        switch self {
        case .full: Int64(CacheLimits.tokenCount)
        case .window(let length): Int64(length)
        }
    }
}
