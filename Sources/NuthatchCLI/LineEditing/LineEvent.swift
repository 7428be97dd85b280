/// What came of asking a person for a line.
package enum LineEvent: Equatable, Sendable {
    case line(String)
    /// Ctrl-C; whether anything had been written.
    case interrupted(hadText: Bool)
    /// What came can't be taken, why, and the exit status that stands for it.
    case refused(String, status: ExitStatus = .badData)
    /// Ctrl-D, or no more input.
    case end
}
