import Dispatch

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Wakes whoever waits for keys when the terminal has another size, or the process goes on after it was stopped.
final class TerminalChanges {
    /// Readable once something has changed.
    let descriptor: CInt
    private let writing: CInt
    private let sources: [any DispatchSourceSignal]

    /// - Returns: nil where the system has no pipe left.
    init?() {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        let writing = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        self.writing = writing
        sources = [SIGWINCH, SIGCONT].map { number in
            Signals.on(number) {
                var byte: UInt8 = 0
                // A full pipe wakes as well.
                _ = sendBytes(writing, &byte, 1)
            }
        }
    }

    deinit {
        for source in sources { source.cancel() }
        // A handler that runs now still has a descriptor to write to.
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [descriptor, writing] in
            close(descriptor)
            close(writing)
        }
    }

    /// Forgets what has changed so far.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while receiveBytes(descriptor, &bytes, bytes.count) > 0 {}
    }
}
