/// A parsed pattern.
indirect enum PatternNode: Equatable, Sendable {
    case empty
    case one(ScalarClass)
    case sequence([PatternNode])
    /// Tried in order: the first that leads to a match wins.
    case alternatives([PatternNode])
    /// `maximum` nil is unbounded.
    case repeated(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
    case assertion(PatternAssertion)
}

/// A condition on a position.
enum PatternAssertion: Equatable, Sendable {
    /// `^`: the start of the text or of a line that has something in it, as in Oniguruma.
    case start
    /// `$`: the end of the text or of a line.
    case end
    /// `(?=x)`: the next scalar is in the class.
    case next(ScalarClass)
    /// `(?!x)`: it is not, or there is none.
    case notNext(ScalarClass)
}
