import NuthatchTensors

/// Reads what a person types in `chat`: messages of one or many lines, and commands.
package struct ChatInput {
    package enum Line: Equatable {
        case message(String)
        case command(ChatCommand)
        /// Ctrl-C where nothing was written.
        case interrupted
        /// A line that can't be taken, why, and how a chat that no person types ends then.
        case refused(String, status: ExitStatus = .badData)
    }

    static let keys = """
        A line that ends with \\ goes on on the next; lines between two lines of \"\"\" are one message.
        What is pasted is one message. Arrow keys move and bring back earlier lines, Ctrl-R searches them, \
        Alt-Return begins a line, Ctrl-A/E/K/U/W/Y edit as in a shell.
        Ctrl-C stops the answer, or clears what is being written; Ctrl-D leaves, and within lines of one message ends it:
        what was written is sent.

        """

    private static let fence = "\"\"\""
    private static let prompt = ">>> "

    private let readLine: (String) -> LineEvent
    /// Told each message and command as it was entered.
    private let remember: (String) -> Void

    /// - Parameter readLine: reads one line without its end, after a prompt that is for people.
    package init(
        readLine: @escaping (String) -> LineEvent, remember: @escaping (String) -> Void = { _ in }
    ) {
        self.readLine = readLine
        self.remember = remember
    }

    /// The next message or command that is not empty; nil at the end of input.
    package func next() -> Line? {
        while true {
            let first: String
            switch readLine(Self.prompt) {
            case .end: return nil
            case .refused(let reason, let status): return .refused(reason, status: status)
            case .interrupted(let hadText):
                if hadText { continue }
                return .interrupted
            case .line(let text): first = text
            }
            if first.trimmed.isEmpty { continue }
            if let line = line(from: first) { return line }
        }
    }

    /// Nil where nothing came of it: a block that was left, or is empty.
    private func line(from first: String) -> Line? {
        // Lines pasted at once are a message as they are.
        if first.contains("\n") {
            remember(first)
            return .message(Self.unfenced(first))
        }
        if let command = ChatCommand(first.trimmingEnd) {
            remember(first)
            return .command(command)
        }
        let entered: [String]
        switch first.trimmed == Self.fence ? block() : continued(first) {
        case .left: return nil
        case .refused(let reason, let status): return .refused(reason, status: status)
        case .lines(let lines): entered = lines
        }
        let message = entered.joined(separator: "\n")
        guard !message.trimmed.isEmpty else { return nil }
        remember(message)
        return .message(message)
    }

    private enum Entry {
        case lines([String])
        /// By Ctrl-C.
        case left
        case refused(String, status: ExitStatus)
    }

    /// The lines up to the closing fence, to Ctrl-D, which a terminal goes on behind, or to the end of input.
    private func block() -> Entry {
        var lines: [String] = []
        while true {
            switch readLine(LineLayout.continuation) {
            case .line(let line):
                if line.trimmed == Self.fence { return .lines(lines) }
                lines.append(line)
            case .end: return .lines(lines)
            case .interrupted: return .left
            case .refused(let reason, let status): return .refused(reason, status: status)
            }
        }
    }

    private func continued(_ first: String) -> Entry {
        var lines = [first]
        while let last = lines.last, last.hasSuffix("\\") {
            lines[lines.count - 1] = String(last.dropLast())
            switch readLine(LineLayout.continuation) {
            case .line(let next): lines.append(next)
            case .end: return .lines(lines)
            case .interrupted: return .left
            case .refused(let reason, let status): return .refused(reason, status: status)
            }
        }
        return .lines(lines)
    }

    /// Without the fences around it.
    private static func unfenced(_ text: String) -> String {
        let lines = text.trimmed.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 2, lines.first == Substring(fence), lines.last == Substring(fence) else {
            return text
        }
        return lines.dropFirst().dropLast().joined(separator: "\n")
    }
}

extension String {
    /// Without white space behind it.
    fileprivate var trimmingEnd: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
