/// What came of asking a person for a line.
package enum LineEvent: Equatable, Sendable {
    case line(String)
    /// Ctrl-C; whether anything had been written.
    case interrupted(hadText: Bool)
    /// What came can't be taken, and why.
    case refused(String)
    /// Ctrl-D, or no more input.
    case end
}
