import ArgumentParser
import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers

/// `nuthatch tokenize`: how a text becomes token ids.
struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the token ids of a text.")

    @Argument(help: "The text; '-' reads standard input.")
    var text: String

    @Option(name: [.long, .short], help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model = ModelOptionGroup.defaultModel

    @Flag(help: "Do not add the model's beginning-of-sequence token.")
    var bare = false

    @Flag(help: "Read the names of special tokens in the text as text.")
    var plain = false

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Result: Encodable {
        let model: ModelResult
        let tokenIds: [TokenID]
        /// `tokenIds` under the name that programs know from before.
        let ids: [TokenID]
        let pieces: [String]
    }

    /// A token's text, or its bytes where they are only part of a character: "hi", <E5 8D>.
    ///
    /// - Parameter isQuoted: whether text stands in quotation marks, as JSON has it anyway.
    static func readable(_ bytes: [UInt8], isQuoted: Bool) -> String {
        if let text = String(validating: bytes, as: UTF8.self) {
            return isQuoted ? text.debugDescription : text
        }
        return "<\(Hexadecimal.text(bytes, separator: " ", uppercase: true))>"
    }

    func run() async throws {
        let text = try PromptInput.read(text)
        let checkpoint = try await ModelFiles(Settings(), quiet: json).checkpoint(model)
        let tokenizer = try Vocabulary(checkpoint).tokenizer
        if let remark = tokenizer.remark, !json {
            Terminal.standardError.say("nuthatch: \(TerminalText.visible(remark))\n")
        }
        let ids = try tokenizer.encode(text, addsSpecialTokens: !bare, parsesSpecialTokens: !plain)
        let pieces = ids.map { Self.readable(tokenizer.bytes(of: $0), isQuoted: !json) }
        if json {
            let result = Result(model: ModelResult(checkpoint), tokenIds: ids, ids: ids, pieces: pieces)
            try Terminal.standardOutput.write(JSONOutput.line(result))
        } else {
            for (id, piece) in zip(ids, pieces) {
                try Terminal.standardOutput.write("\(id)\t\(piece)\n")
            }
            Terminal.standardError.say("\(Counted.text(ids.count, "token"))\n")
        }
    }
}
