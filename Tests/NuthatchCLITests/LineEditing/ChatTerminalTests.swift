import Foundation
import NuthatchTestSupport
import Testing

/// A chat as a person has it, on a pseudo-terminal.
@Suite(.serialized) struct ChatTerminalTests {
    private let model: TemporaryDirectory
    private let home: TemporaryDirectory

    init() throws {
        model = try ChatModel.write(contextLength: 16_384)
        home = try TemporaryDirectory()
    }

    private func chat(_ arguments: String..., columns: UInt16 = 80) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            ["chat", "-m", model.path, "--max-new-tokens", "1", "--temperature", "0", "--ignore-end"]
                + arguments,
            environment: ["NUTHATCH_HOME": home.path], columns: columns)
        try terminal.start()
        try terminal.wait(for: "Ctrl-D leaves.")
        try terminal.wait(for: ">>> ")
        return terminal
    }

    private func answered(_ terminal: PseudoTerminal) throws {
        try terminal.wait(for: "[cut after 1 token, as --max-new-tokens says]")
        try terminal.wait(for: ">>> ")
    }

    private var entered: [String] {
        let path = home.path + "/chat_history"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    @Test func lineEditingAndHistory() throws {
        let terminal = try chat()
        #expect(!terminal.isAsBefore)
        terminal.type("bark seed\u{1}the \u{5}s\u{1B}[D\u{1B}[D\u{7F}e\r")
        try answered(terminal)
        #expect(entered == ["the bark seeds"])
        terminal.type("\u{1B}[A\u{15}/history 1\r")
        try terminal.wait(for: "assistant: ")
        #expect(!terminal.screen.contains("^["))
        terminal.type("\u{4}")
        #expect(try terminal.end() == .status(0))
        #expect(terminal.isAsBefore)
        let attributes = try FileManager.default.attributesOfItem(atPath: home.path + "/chat_history")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func anEarlierLineComesBackInTheNextChat() throws {
        var terminal = try chat()
        terminal.type("中文 seeds\r")
        try answered(terminal)
        terminal.type("/bye\r")
        #expect(try terminal.end() == .status(0))
        terminal = try chat()
        terminal.type("\u{1B}[A\u{1B}[A!\r")
        try terminal.wait(for: "中文 seeds!")
        try answered(terminal)
        #expect(entered == ["中文 seeds", "/bye", "中文 seeds!"])
        terminal.type("\u{4}")
        #expect(try terminal.end() == .status(0))
    }

    @Test func whatIsPastedIsOneMessageHoweverLong() throws {
        let terminal = try chat()
        let pasted = (0..<200).map { "line \($0) of a long text" }.joined(separator: "\n")
        terminal.type("\u{1B}[200~" + pasted.replacingOccurrences(of: "\n", with: "\r") + "\u{1B}[201~\r")
        try terminal.wait(for: "... line 199")
        try answered(terminal)
        #expect(entered == [pasted.replacingOccurrences(of: "\n", with: "\\n")])
        // Typed in one go, without the marks of a paste.
        let long = String(repeating: "nut", count: 1_600)
        terminal.type(long + "\r")
        try answered(terminal)
        #expect(entered.last == long)
        terminal.type("\u{4}")
        #expect(try terminal.end() == .status(0))
    }

    @Test func controlCClearsTheLineAndLeavesABlock() throws {
        let terminal = try chat()
        terminal.type("half a line\u{3}")
        try terminal.wait(for: ">>> ")
        terminal.type("\u{3}")
        try terminal.wait(for: "(Ctrl-D or /bye leaves)")
        try terminal.wait(for: ">>> ")
        terminal.type("\"\"\"\rone\r")
        try terminal.wait(for: "one")
        try terminal.wait(for: "... ")
        terminal.type("\u{3}")
        try terminal.wait(for: ">>> ")
        terminal.type("/rest\r")
        try terminal.wait(for: "There is no command /rest. Did you mean /reset?")
        try terminal.wait(for: ">>> ")
        #expect(entered.isEmpty || entered == ["/rest"])
        terminal.type("\u{4}")
        #expect(try terminal.end() == .status(0))
        #expect(terminal.isAsBefore)
    }

    @Test func controlDInABlockSendsItAndARefusalEndsNothing() throws {
        let terminal = try chat()
        terminal.type("\"\"\"\r")
        try terminal.wait(for: "... ")
        terminal.type("the bark\r")
        try terminal.wait(for: "... ")
        terminal.type("\u{4}")
        try answered(terminal)
        #expect(entered == ["the bark"])
        terminal.type("/image /no/such.ppm\r")
        try terminal.wait(for: "There is no image file")
        try terminal.wait(for: ">>> ")
        terminal.type("\u{4}")
        #expect(try terminal.end() == .status(0))
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func aSignalThatEndsItRestoresTheTerminal(signal: Int32) throws {
        let terminal = try chat()
        terminal.type("half")
        try terminal.wait(for: "half")
        terminal.send(signal)
        #expect(try terminal.end() == .signal(signal))
        #expect(terminal.isAsBefore)
    }

    @Test func anotherWidthShowsTheLineAnew() throws {
        let terminal = try chat(columns: 40)
        terminal.type(String(repeating: "x", count: 30))
        try terminal.wait(for: String(repeating: "x", count: 30))
        terminal.resize(columns: 20)
        let rows = [">>> " + String(repeating: "x", count: 16), String(repeating: "x", count: 14)]
        // The terminal makes \r\n of \n.
        try terminal.wait(for: rows.joined(separator: "\r\r\n"))
        terminal.type("\u{15}\u{4}")
        #expect(try terminal.end() == .status(0))
    }

    @Test func aTerminalThatCanNotMoveItsCursorIsReadPlainly() throws {
        let terminal = try PseudoTerminal(
            ["chat", "-m", model.path, "--max-new-tokens", "1"],
            environment: ["NUTHATCH_HOME": home.path, "TERM": "dumb"])
        try terminal.start()
        try terminal.wait(for: ">>> ")
        #expect(terminal.isAsBefore)
        terminal.type("/bye\r")
        #expect(try terminal.end() == .status(0))
    }
}

/// A small model that converses.
enum ChatModel {
    static func write(contextLength: Int = 256) throws -> TemporaryDirectory {
        let tiny = TinyLlama(
            maxPositions: contextLength, layerCount: 1, vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory)
        try directory.write(
            Array("{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}".utf8),
            as: "chat_template.jinja")
        return directory
    }
}
