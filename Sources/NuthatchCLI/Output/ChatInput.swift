import NuthatchTensors

/// Reads what a person types in `chat`: messages of one or many lines, and commands.
package struct ChatInput {
    package enum Line: Equatable {
        case message(String)
        case command(String)
        /// `/image FILE`: a picture for the next message.
        case image(path: String)
    }

    static let help = """
        /stats    what the cache holds and what the last answer cost
        /cache    what it holds, layer by layer
        /history  the conversation so far
        /reset    forget the conversation and its cache
        /image F  show the model the image file F with the next message
        /bye      leave (also Ctrl-D)
        A line that ends with \\ goes on on the next; lines between two lines of \"\"\" are one message.

        """

    private static let imageCommand = "/image "

    private let readLine: () -> String?
    private let isInteractive: Bool

    /// - Parameter readLine: reads one line without its end; nil at the end of input.
    package init(
        readLine: @escaping () -> String? = { Swift.readLine(strippingNewline: true) },
        isInteractive: Bool = Terminal.standardInput.isInteractive
    ) {
        self.readLine = readLine
        self.isInteractive = isInteractive
    }

    func greet(_ model: String) {
        guard isInteractive else { return }
        Terminal.standardError.write("\(model). /help lists the commands; Ctrl-D leaves.\n")
    }

    /// The next message or command that is not empty; nil at the end of input.
    package func next() -> Line? {
        while true {
            prompt(">>> ")
            guard let first = readLine() else { return nil }
            let trimmed = first.trimmed
            if trimmed.isEmpty { continue }
            if trimmed.hasPrefix("/"), !trimmed.contains(" ") { return .command(String(trimmed.dropFirst())) }
            if trimmed.hasPrefix(Self.imageCommand) {
                let path = trimmed.dropFirst(Self.imageCommand.count).trimmed
                return .image(path: path)
            }
            let message = trimmed == "\"\"\"" ? block() : continued(first)
            if !message.isEmpty { return .message(message) }
        }
    }

    private func block() -> String {
        var lines: [String] = []
        prompt("... ")
        while let line = readLine(), line.trimmed != "\"\"\"" {
            lines.append(line)
            prompt("... ")
        }
        return lines.joined(separator: "\n")
    }

    private func continued(_ first: String) -> String {
        var lines = [first]
        while let last = lines.last, last.hasSuffix("\\") {
            lines[lines.count - 1] = String(last.dropLast())
            prompt("... ")
            guard let next = readLine() else { break }
            lines.append(next)
        }
        return lines.joined(separator: "\n")
    }

    private func prompt(_ text: String) {
        if isInteractive { Terminal.standardError.write(text) }
    }
}
