import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// `nuthatch` on a terminal of its own, and what a person would see there.
final class PseudoTerminal {
    private let master: Int32
    private let slave: Int32
    private let process = Process()
    /// All that was written to the terminal.
    private(set) var screen = ""
    private var bytes: [UInt8] = []

    struct TimedOut: Error {
        let wanted: String
        let screen: String
    }

    init(_ arguments: [String], environment: [String: String], columns: UInt16 = 80) throws {
        (master, slave) = try Self.open()
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        process.executableURL = NuthatchProcess.executable
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        variables["HF_ENDPOINT"] = "http://127.0.0.1:9"
        variables["TERM"] = "xterm"
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle(fileDescriptor: slave)
        process.standardOutput = FileHandle(fileDescriptor: slave)
        process.standardError = FileHandle(fileDescriptor: slave)
    }

    /// The two ends of a new terminal.
    private static func open() throws -> (master: Int32, slave: Int32) {
        var (master, slave) = (Int32(-1), Int32(-1))
        #if canImport(Glibc)
            // Glibc's module leaves posix_openpt out; these are the system's calls beneath it (ioctl_tty(2)).
            let (unlock, number) = (UInt(0x4004_5431), UInt(0x8004_5430))
            master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (zero, index) = (Int32(0), UInt32(0))
            guard master >= 0, ioctl(master, unlock, &zero) == 0, ioctl(master, number, &index) == 0 else {
                throw POSIXError(.ENOTTY)
            }
            slave = Glibc.open("/dev/pts/\(index)", O_RDWR | O_NOCTTY)
        #else
            guard openpty(&master, &slave, nil, nil, nil) == 0 else { throw POSIXError(.ENOTTY) }
        #endif
        guard slave >= 0 else { throw POSIXError(.ENOTTY) }
        return (master, slave)
    }

    deinit {
        if process.isRunning { process.terminate() }
        close(master)
        close(slave)
    }

    func start() throws { try process.run() }

    /// Presses keys, as a terminal sends them.
    func type(_ keys: String) {
        var bytes = Array(keys.utf8)[...]
        // A terminal takes some 4,000 bytes at a time; what the program writes meanwhile has to be read.
        while !bytes.isEmpty {
            let count = bytes.prefix(512).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            bytes = bytes.dropFirst(count)
            receive(forMilliseconds: 1)
        }
    }

    /// Waits until a text has been written since the last call.
    func wait(for text: String, seconds: Double = 60) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            if let found = screen.range(of: text) {
                screen = String(screen[found.upperBound...])
                return
            }
            guard Date() < deadline else { throw TimedOut(wanted: text, screen: screen) }
            receive(forMilliseconds: 50)
        }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    func resize(columns: UInt16) {
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        send(SIGWINCH)
    }

    enum Ending: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// How it ends.
    func end(seconds: Double = 60) throws -> Ending {
        let deadline = Date().addingTimeInterval(seconds)
        while process.isRunning {
            guard Date() < deadline else { throw TimedOut(wanted: "the end", screen: screen) }
            receive(forMilliseconds: 20)
        }
        return process.terminationReason == .uncaughtSignal
            ? .signal(process.terminationStatus) : .status(process.terminationStatus)
    }

    /// Whether the terminal edits lines and echoes what is typed, as a shell leaves it.
    var isAsBefore: Bool {
        var mode = termios()
        tcgetattr(slave, &mode)
        let flags = tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        return mode.c_lflag & flags == flags && mode.c_iflag & tcflag_t(ICRNL) != 0
    }

    private func receive(forMilliseconds timeout: Int32) {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, timeout) > 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = read(master, &chunk, chunk.count)
        guard count > 0 else { return }
        bytes += chunk[..<count]
        // A character may be half here.
        if let text = String(validating: bytes, as: UTF8.self) {
            screen += text
            bytes = []
        }
    }
}
