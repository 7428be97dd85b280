#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A standard stream: what it is connected to, and unbuffered writing to it.
struct Terminal {
    let descriptor: Int32

    static let standardInput = Terminal(descriptor: 0)
    static let standardOutput = Terminal(descriptor: 1)
    static let standardError = Terminal(descriptor: 2)

    /// Whether a person is looking.
    var isInteractive: Bool { isatty(descriptor) == 1 }

    /// Whether colours may be used: a terminal, and NO_COLOR not set (no-color.org).
    func usesColour(_ settings: Settings) -> Bool { isInteractive && !settings.refusesColour }

    /// Columns of the terminal; 80 where it is none.
    var columnCount: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes all of `text`; a closed pipe ends the program quietly, as `head` expects.
    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                endProcess(errno == EPIPE ? 0 : 74)
            }
            bytes = bytes.dropFirst(count)
        }
    }
}

// The system's functions, where members of the same name hide them.

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

func endProcess(_ status: Int32) -> Never { exit(status) }
