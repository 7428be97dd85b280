import NuthatchHub
import NuthatchTensors

/// What can be said to `chat` itself, behind a slash.
package enum ChatCommand: Equatable, Sendable {
    case help, stats, cache, reset, leave
    /// The conversation, or only so many of its newest messages.
    case history(count: Int?)
    /// An image for the next message.
    case image(path: String)
    /// What can't be followed, and why.
    case refused(String)

    /// The names, what stands behind them, and what they do.
    static let table: [(name: String, argument: String?, meaning: String)] = [
        ("help", nil, "these lines"),
        ("stats", nil, "what the cache holds and what the last answer cost"),
        ("cache", nil, "what it holds, layer by layer"),
        ("history", "[N]", "the conversation so far, or its newest N messages"),
        ("reset", nil, "forget the conversation and its cache"),
        ("image", "FILE", "show the model an image with the next message"),
        ("bye", nil, "leave (also /exit, /quit and Ctrl-D)"),
    ]

    /// Other names of the same.
    private static let synonyms = ["?": "help", "exit": "bye", "quit": "bye"]

    /// What `/help` and `chat --help` list.
    package static let list =
        table.map { name, argument, meaning in
            "/\(name) \(argument ?? "")".padded(to: 15) + meaning
        }.joined(separator: "\n")

    /// The command that a line is; nil for a line that is a message: no slash first, or none that a word follows.
    package init?(_ line: String) {
        guard line.hasPrefix("/") else { return nil }
        let word = line.dropFirst().prefix { !$0.isWhitespace }
        let argument = line.dropFirst(word.count + 1).trimmed
        // A path is no command: "/etc/hosts is empty".
        guard word.allSatisfy({ $0.isLetter || $0 == "?" }), !word.isEmpty else { return nil }
        let name = Self.synonyms[String(word)] ?? String(word)
        guard let known = Self.table.first(where: { $0.name == name }) else {
            let near = NearestNames.to(name, among: Self.table.map(\.name)).map { "/\($0)" }
            let question = near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
            self = .refused(
                "There is no command /\(word).\(question) /help lists them; a message that begins with a slash "
                    + "has a space before it.")
            return
        }
        guard known.argument != nil || argument.isEmpty else {
            self = .refused("/\(word) takes nothing behind it.")
            return
        }
        self = Self.command(name, argument)
    }

    private static func command(_ name: String, _ argument: String) -> ChatCommand {
        switch name {
        case "help": .help
        case "stats": .stats
        case "cache": .cache
        case "reset": .reset
        case "image": argument.isEmpty ? .refused("Name the file: /image FILE.") : .image(path: argument)
        case "history":
            if argument.isEmpty {
                .history(count: nil)
            } else if let count = Int(argument), count > 0 {
                .history(count: count)
            } else {
                .refused("/history takes a number of messages, 1 or more.")
            }
        default: .leave
        }
    }
}
