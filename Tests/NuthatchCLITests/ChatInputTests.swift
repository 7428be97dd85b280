import Foundation
import NuthatchCLI
import NuthatchTestSupport
import Testing

@Suite struct ChatInputTests {
    /// What a chat makes of these lines, and what it keeps for its history.
    private func read(_ events: [LineEvent]) -> (lines: [ChatInput.Line], kept: [String]) {
        var rest = events
        var kept: [String] = []
        let input = ChatInput(
            readLine: { _ in rest.isEmpty ? .end : rest.removeFirst() }, remember: { kept.append($0) })
        var lines: [ChatInput.Line] = []
        while let line = input.next() { lines.append(line) }
        return (lines, kept)
    }

    private func read(_ lines: String...) -> [ChatInput.Line] { read(lines.map { .line($0) }).lines }

    @Test func continuedLinesAndBlocksAreMessages() {
        #expect(
            read("", "hello", "one \\", "two", "\"\"\"", "a", "", "b", "\"\"\"", "last\\")
                == [.message("hello"), .message("one \ntwo"), .message("a\n\nb"), .message("last")])
        #expect(read("\"\"\"", "never closed") == [.message("never closed")])
        #expect(read("\"\"\"", "\"\"\"", "x") == [.message("x")])
    }

    @Test func whatIsPastedIsOneMessageAsItIs() {
        #expect(read("/stats\nand \\\nmore") == [.message("/stats\nand \\\nmore")])
        #expect(read("\"\"\"\na\nb\n\"\"\"\n") == [.message("a\nb")])
    }

    @Test func controlCLeavesWhatIsBeingWritten() {
        let block = read([.line("\"\"\""), .line("a"), .interrupted(hadText: false), .line("b")])
        #expect(block.lines == [.message("b")])
        let continued = read([.line("a\\"), .interrupted(hadText: true), .line("b")])
        #expect(continued.lines == [.message("b")])
        #expect(
            read([.interrupted(hadText: true), .interrupted(hadText: false)]).lines == [.interrupted])
        let cut = read([.line("\"\"\""), .refused("cut"), .line("b")])
        #expect(cut.lines == [.refused("cut"), .message("b")])
    }

    @Test func whatWasEnteredIsKeptWhole() {
        let result = read([.line("a\\"), .line("b"), .line("/stats"), .line("  ")])
        #expect(result.kept == ["a\nb", "/stats"])
    }

    @Test(arguments: [
        ("/stats", ChatCommand.stats), ("/bye ", .leave), ("/?", .help), ("/history", .history(count: nil)),
        ("/history 3", .history(count: 3)), ("/image a b.ppm ", .image(path: "a b.ppm")),
        ("/history three", .refused("/history takes a number of messages, 1 or more.")),
        ("/image", .refused("Name the file: /image FILE.")),
        ("/reset now", .refused("/reset takes nothing behind it.")),
        (
            "/rest",
            .refused(
                "There is no command /rest. Did you mean /reset? /help lists them; a message that begins with a "
                    + "slash has a space before it.")
        ),
    ])
    func commandsTakeArguments(line: String, command: ChatCommand) {
        #expect(ChatCommand(line) == command)
    }

    @Test(arguments: ["/etc/hosts is empty", " /stats", "/ alone", "a /stats", "/3 of them"])
    func otherTextsWithSlashesAreMessages(line: String) { #expect(ChatCommand(line) == nil) }

    // MARK: Without a terminal

    private func chat(_ input: String, _ arguments: String..., model: TemporaryDirectory? = nil) throws
        -> NuthatchProcess
    {
        let directory = try model ?? ChatModel.write()
        return try NuthatchProcess.run(
            ["chat", "-m", directory.path, "--temperature", "0", "--ignore-end"] + arguments, input: input)
    }

    @Test func aLineOfAnyLengthIsOneMessage() throws {
        let long = String(repeating: "nut ", count: 2_000) + "end"
        let result = try chat(
            long + "\n/history\n", "--max-new-tokens", "1", model: ChatModel.write(contextLength: 16_384))
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.contains("user: \(long)\n"))
        #expect(!result.errors.contains(">>>"))
    }

    @Test func anAnswerThatALimitCutsSaysSo() throws {
        let result = try chat("seed\n", "--max-new-tokens", "3")
        #expect(result.output.hasSuffix(" [cut after 3 tokens, as --max-new-tokens says]\n\n"))
        let full = try chat("seed\n", "--kv-capacity", "32")
        #expect(
            full.output.hasSuffix(
                " [cut: the context or the cache is full; /reset begins a new conversation]\n\n"),
            "\(full.output) \(full.errors)")
        let over = try chat(String(repeating: "seed ", count: 100) + "\n")
        #expect(over.errors.contains("/reset begins a new conversation."), "\(over.errors)")
    }

    @Test func aLineThatIsNoTextIsNotSent() throws {
        let model = try ChatModel.write()
        let script = "printf 'a\\xff\\n/history\\n' | \"$0\" chat -m \"$1\""
        let process = try NuthatchProcess.run(
            ["-c", script, NuthatchProcess.executable.path, model.path],
            executable: URL(filePath: "/bin/bash"))
        #expect(process.exitCode == 65)
        #expect(process.errors.contains("A line on standard input is not UTF-8."))
        #expect(!process.output.contains("user:"))
    }

    @Test func whatCannotBeAnsweredEndsAChatOnAPipeWithItsStatus() throws {
        let long = String(repeating: "seed ", count: 100)
        for (input, status, sentence) in [
            (long + "\nseed\n", 65, "nuthatch: The prompt has "),
            ("/rest\nseed\n", 64, "There is no command /rest."),
            ("/image\nseed\n", 64, "Name the file: /image FILE."),
        ] as [(String, Int32, String)] {
            let result = try chat(input, "--max-new-tokens", "1")
            #expect(result.exitCode == status, "\(input.prefix(20))")
            #expect(result.errors.contains(sentence), "\(result.errors)")
            // What follows isn't answered as if the refused message had been.
            #expect(result.output.isEmpty)
        }
        #expect(try chat("seed\n/stats\n", "--max-new-tokens", "1").exitCode == 0)
    }

    @Test func controlDEndsABlockAndSendsIt() {
        let lines = read([.line("\"\"\""), .line("a"), .line("b"), .end, .line("c")]).lines
        #expect(lines == [.message("a\nb"), .message("c")])
        // An empty one is no message; what comes next is read.
        #expect(read([.line("\"\"\""), .end, .line("c")]).lines == [.message("c")])
    }

    @Test func aModelThatCannotConverseIsRefusedAtOnce() throws {
        let tiny = try TinyLlama(vocabularySize: TinyTokenizer.vocabularySize).write()
        try TinyTokenizer.write(to: tiny)
        let bare = try chat("", model: tiny)
        #expect(bare.exitCode == 64)
        #expect(bare.errors.contains(" has no chat template. "), "\(bare.errors)")
        let pair = try chat("", model: EncoderDecoderAnswers("t5-gated").write())
        #expect(pair.exitCode == 64)
        #expect(pair.errors.contains("encoder-decoder"), "\(pair.errors)")
    }

    @Test func helpListsTheCommands() throws {
        let help = try NuthatchProcess.run(["chat", "--help"]).output
        for name in ["/stats", "/cache", "/history [N]", "/reset", "/image FILE", "/bye"] {
            #expect(help.contains(name), "\(name)")
        }
    }
}
