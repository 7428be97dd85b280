/// What a rewind left behind.
package enum Rewind: Equatable, Sendable {
    /// The cache holds exactly the tokens asked for.
    case exact
    /// The pages needed are gone (a window dropped them): the cache now holds `from` tokens (maybe 0), and
    /// the tokens from there on must be computed again.
    case recompute(from: Int)
}
