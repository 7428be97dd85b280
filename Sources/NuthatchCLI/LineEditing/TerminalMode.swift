import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How a terminal hands over what is typed, for as long as this object lives; then it is as it was before.
///
/// The terminal's own line editing cuts lines at 4,095 bytes (n_tty of Linux), so it is off all the time: while keys are
/// read, and while they wait for the next line. It is on again when this object ends, and before a signal ends or stops
/// the process.
final class TerminalMode {
    enum State: Sendable {
        /// Every key is a byte, Ctrl-C and Ctrl-Z too.
        case editing
        /// Keys wait; Ctrl-C and Ctrl-Z are signals.
        case waiting
    }

    private let settings: Settings
    private let sources: [any DispatchSourceSignal]

    private static let endings = [SIGTERM, SIGHUP, SIGQUIT]

    /// - Returns: nil where the descriptor is no terminal.
    init?(descriptor: CInt, output: Terminal) {
        var original = termios()
        guard isatty(descriptor) == 1, tcgetattr(descriptor, &original) == 0 else { return nil }
        let settings = Settings(descriptor, output, original)
        let ends = Self.endings.map { number in
            Signals.on(number) {
                settings.restore()
                Signals.end(by: number)
            }
        }
        self.settings = settings
        sources = ends + [Signals.on(SIGTSTP) { _ = settings.suspend() }]
        enter(.waiting)
    }

    deinit {
        for source in sources { source.cancel() }
        for number in Self.endings + [SIGTSTP] { signal(number, SIG_DFL) }
        settings.restore()
    }

    func enter(_ next: State) { settings.enter(next) }

    /// The state entered last, once more: whoever ran meanwhile may have set another.
    func apply() { settings.apply() }

    /// Stops the job until its shell continues it, the terminal meanwhile as it was before.
    ///
    /// - Returns: false where no shell could continue it, which is left running then.
    func suspend() -> Bool { settings.suspend() }

    /// What signal handlers share with the object.
    private final class Settings: Sendable {
        private let descriptor: CInt
        private let output: Terminal
        private let original: termios
        private let state = Mutex(State.waiting)

        private static let pasteMarksOn = "\u{1B}[?2004h"
        private static let pasteMarksOff = "\u{1B}[?2004l"

        init(_ descriptor: CInt, _ output: Terminal, _ original: termios) {
            self.descriptor = descriptor
            self.output = output
            self.original = original
        }

        func enter(_ next: State) {
            state.withLock { $0 = next }
            apply()
        }

        func restore() {
            var original = original
            output.say(Self.pasteMarksOff)
            tcsetattr(descriptor, TCSADRAIN, &original)
        }

        func apply() {
            let state = state.withLock { $0 }
            var mode = original
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
            mode.c_iflag &= ~tcflag_t(ICRNL | INLCR | IGNCR | IXON)
            if state == .editing {
                mode.c_lflag &= ~tcflag_t(ISIG)
            } else {
                mode.c_lflag |= tcflag_t(ISIG)
            }
            withUnsafeMutableBytes(of: &mode.c_cc) { characters in
                characters[Int(VMIN)] = 1
                characters[Int(VTIME)] = 0
            }
            // Not TCSAFLUSH: what was typed ahead belongs to the next line.
            tcsetattr(descriptor, TCSADRAIN, &mode)
            output.say(state == .editing ? Self.pasteMarksOn : Self.pasteMarksOff)
        }

        func suspend() -> Bool {
            guard Signals.canBeContinued else { return false }
            restore()
            // All of the job, as a terminal's Ctrl-Z does: a shell waits for the rest otherwise.
            kill(0, SIGSTOP)
            apply()
            return true
        }
    }
}
