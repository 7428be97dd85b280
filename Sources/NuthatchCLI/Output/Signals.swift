import Dispatch

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the process does with signals.
enum Signals {
    /// A reader that goes away is an error of `write`, so that what is under way is cleaned up before the end.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Calls `action` at each Ctrl-C instead of ending the process, while the result lives.
    static func onInterrupt(_ action: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        on(SIGINT, action)
    }

    /// Ends the process at Ctrl-C with the object that `--json` promises, where it was asked for, while the result lives.
    static func endingWithJSON(_ json: Bool) -> (any DispatchSourceSignal)? {
        json ? onInterrupt { ErrorOutput.exit(with: CancellationError(), asJSON: true) } : nil
    }

    /// Calls `action` at each Ctrl-C, at each request to end and where the terminal goes away, so that what is half
    /// written is taken away, while the result lives.
    static func onEnding(_ action: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        // What a terminal's end ignores, as under nohup, goes on.
        [SIGINT, SIGTERM, SIGHUP].filter { $0 != SIGHUP || !isIgnored($0) }.map { on($0, action) }
    }

    private static func isIgnored(_ number: CInt) -> Bool {
        var current = sigaction()
        guard sigaction(number, nil, &current) == 0 else { return false }
        #if canImport(Darwin)
            let handler = current.__sigaction_u.__sa_handler
        #elseif canImport(Musl)
            let handler = current.__sa_handler.sa_handler
        #else
            let handler = current.__sigaction_handler.sa_handler
        #endif
        // Functions can't be compared, what stands for "ignore" is a number.
        func bytes(of handler: some Any) -> [UInt8] { withUnsafeBytes(of: handler) { Array($0) } }
        return bytes(of: handler) == bytes(of: SIG_IGN)
    }

    /// Calls `action` at each such signal instead of what the system does, while the result lives.
    static func on(
        _ number: CInt, _ action: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: action)
        source.resume()
        return source
    }

    /// Ends the process as this signal does that nobody handles, so that its parent knows why it ended.
    static func end(by number: CInt) -> Never {
        signal(number, SIG_DFL)
        // Dispatch blocks the signals that it hands on.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
        endProcess(128 + number)
    }

    /// Ends the process as one does that writes where nobody reads.
    static func endByBrokenPipe() -> Never { end(by: SIGPIPE) }

    /// Whether a stopped process would have a shell to continue it: a parent of the same session, and not alone.
    static var canBeContinued: Bool {
        let parent = getppid()
        return parent > 1 && getsid(0) != getpid() && getsid(parent) == getsid(0)
    }
}
