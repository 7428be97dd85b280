#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Reads lines from a terminal with a `LineEditor`: keys in, edits of the screen out.
package final class TerminalLineReader {
    private let input: CInt
    private let output: Terminal
    private let mode: TerminalMode
    private let changes: TerminalChanges
    private var editor: LineEditor
    private var decoder = KeyDecoder()
    private var screen = LineScreen()
    /// Read, and not yet handled: what was typed ahead.
    private var waiting: ArraySlice<UInt8> = []
    private var hasEnded = false

    /// How long the rest of an escape sequence may take, in milliseconds: terminals send them whole; a slow line takes
    /// a few milliseconds.
    private static let escapeTimeout: CInt = 50

    /// - Returns: nil where one of the two is no terminal, or one that can't move its cursor.
    package init?(input: CInt, output: Terminal, terminalName: String?, history: LineHistory) {
        guard output.isInteractive, let terminalName, terminalName != "dumb",
            let mode = TerminalMode(descriptor: input, output: output), let changes = TerminalChanges()
        else { return nil }
        self.input = input
        self.output = output
        self.mode = mode
        self.changes = changes
        editor = LineEditor(history: history)
    }

    /// What has been entered, for the keys that go back.
    package func remember(_ entry: String) -> Bool { editor.history.add(entry) }

    package func readLine(prompt: String) -> LineEvent {
        guard !hasEnded else { return .end }
        mode.enter(.editing)
        defer { mode.enter(.waiting) }
        editor.begin()
        screen.forget()
        show(prompt)
        while true {
            guard let key = nextKey(prompt) else {
                hasEnded = true
                finish()
                return .end
            }
            switch editor.handle(key) {
            case .edited: if waiting.isEmpty { show(prompt) }
            case .refused: break
            case .submitted(let text):
                // The screen shows all of the text, the cursor at its end.
                showEnd(prompt, text)
                finish()
                return .line(text)
            case .interrupted:
                let hadText = !editor.buffer.isEmpty
                show(prompt)
                finish()
                return .interrupted(hadText: hadText)
            case .ended:
                finish()
                return .end
            case .cleared:
                screen.forget()
                send([.eraseScreen])
                show(prompt)
            case .suspended:
                show(prompt)
                finish()
                _ = mode.suspend()
                screen.forget()
                show(prompt)
            }
        }
    }

    // MARK: Showing

    private func layout(_ prompt: String) -> LineLayout {
        let size = output.size
        let shown = editor.search.map { "(history: \($0.text)) " } ?? prompt
        return LineLayout(
            prompt: shown, buffer: editor.buffer, columns: size.columns, height: size.rows)
    }

    private func show(_ prompt: String) { send(screen.show(layout(prompt))) }

    private func showEnd(_ prompt: String, _ text: String) {
        let size = output.size
        send(
            screen.show(
                LineLayout(
                    prompt: prompt, buffer: LineBuffer(text), columns: size.columns, height: size.rows)))
    }

    private func finish() { send(screen.finish()) }

    private func send(_ edits: [ScreenEdit]) {
        if !edits.isEmpty { output.say(edits.map(\.sequence).joined()) }
    }

    /// The terminal has another size, or another program had it.
    private func react(_ prompt: String) {
        changes.clear()
        mode.apply()
        send(screen.showAnew(layout(prompt), columns: output.size.columns))
    }

    // MARK: Reading

    /// Nil at the end of input.
    private func nextKey(_ prompt: String) -> EditingKey? {
        while true {
            while let byte = waiting.popFirst() {
                if let key = decoder.add(byte) { return key }
            }
            var descriptors = [
                pollfd(fd: input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: changes.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, 2, decoder.isWaiting ? Self.escapeTimeout : -1)
            if count == 0, let key = decoder.flush() { return key }
            if count < 0 {
                guard errno == EINTR else { return nil }
                continue
            }
            if descriptors[1].revents != 0 { react(prompt) }
            guard descriptors[0].revents != 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let received = receiveBytes(input, &bytes, bytes.count)
            if received > 0 {
                waiting = bytes[..<received]
            } else if received == 0 || (errno != EINTR && errno != EAGAIN) {
                return nil
            }
        }
    }
}
