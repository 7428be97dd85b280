package import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A standard stream: what it is connected to, and unbuffered writing to it.
package struct Terminal: Sendable {
    let descriptor: Int32

    static let standardInput = Terminal(descriptor: 0)
    static let standardOutput = Terminal(descriptor: 1)
    static let standardError = Terminal(descriptor: 2)

    /// Whether a person is looking.
    var isInteractive: Bool { isatty(descriptor) == 1 }

    /// Whether colours may be used: a terminal, and NO_COLOR not set (no-color.org).
    func usesColour(_ settings: Settings) -> Bool { isInteractive && !settings.refusesColour }

    /// Columns of the terminal; 80 where it is none.
    var columnCount: Int { size.columns }

    /// Columns and rows of the terminal; 80 and 24 where it says none.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
        return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Writes all of `text`: what the program was asked for, which files and models had their part in. A terminal gets
    /// it without what would steer it (`TerminalText`); elsewhere its bytes are written as they are.
    ///
    /// - Throws: `OutputError` where some of it can't be written.
    package func write(_ text: String) throws(OutputError) {
        try writeAll(isInteractive ? TerminalText.visible(text) : text)
    }

    /// Writes what was drawn for terminals, in which nothing steers them but its own colours.
    func writeDrawn(_ text: String) throws(OutputError) { try writeAll(text) }

    /// Writes what a person may want to know; where that can't be had, the work goes on without it.
    package func say(_ text: String) { try? writeAll(text) }

    private func writeAll(_ text: String) throws(OutputError) {
        var text = text
        let failure: OutputError? = text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = sendBytes(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if count == 0 || errno != EINTR {
                    return OutputError(errno)
                }
            }
            return nil
        }
        if let failure { throw failure }
    }
}

/// Why standard output did not take what was written.
package enum OutputError: ExplainedError, Equatable {
    /// Nobody reads it any more, as behind `head`.
    case readerGone
    case closed
    case failed(reason: String)

    init(_ code: CInt) {
        switch code {
        case EPIPE: self = .readerGone
        case EBADF: self = .closed
        default: self = .failed(reason: String(cString: strerror(code)))
        }
    }

    package var code: NuthatchError.Code { .unavailable }

    package var message: String {
        switch self {
        case .readerGone: "Standard output has no reader any more."
        case .closed: "Standard output is closed."
        case .failed(let reason): "Standard output can't be written: \(reason)."
        }
    }

    package var remedy: String? {
        switch self {
        case .readerGone: nil
        case .closed: "Connect it to a terminal, a pipe or a file."
        case .failed: "What was written before is not whole."
        }
    }
}

extension Terminal {
    /// Takes the places of standard streams that are closed, so that no file opened later gets one's number and with it
    /// what is written to that stream. What reads or writes there is refused as before.
    static func occupyClosedStreams() {
        for (stream, flags) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(CInt, CInt)]
        where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
            // The lowest number that is free: this one.
            _ = open("/dev/null", flags)
        }
    }
}

// The system's functions, where members of the same name hide them.

func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

func receiveBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}

func endProcess(_ status: Int32) -> Never { exit(status) }
