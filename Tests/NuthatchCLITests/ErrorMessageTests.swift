import Foundation
import Testing

@Suite struct ErrorMessageTests {
    @Test(arguments: [
        (["run", "--temperature=-1", "hi"], Int32(64), "The temperature -1.0 is out of range. Choose 0"),
        (["run", "--threads", "0", "hi"], 64, "0 threads were asked for. Choose 1 to 256"),
        (["run", "--kv-keys", "q1", "hi"], 64, "The value 'q1' is invalid for '--kv-keys <storage>'."),
        (["chat", "--cache", "dynamic", "--kv-capacity", "9"], 64, "which --kv-capacity 9 contradicts."),
        (["bench", "--kv-group", "8", "--kv-keys", "q4"], 64, "--kv-group is 8. Choose 32, 64 or 128."),
        (
            ["logits", "m", "t", "-o", "o", "--kv-exact-first=-1"], 64,
            "--kv-exact-first is -1. Choose 0 to 16."
        ),
        (
            ["perplexity", "m", "t", "--cache", "dynamic", "--kv-residual", "9"], 64,
            "--kv-residual 9 is for a quantised cache,"
        ),
        (["info", "--kv-retention", "all"], 64, "choose full, window=N, sinks=S+N,"),
        (["perplexity", "m", "t", "--context", "1"], 64, "--context is 1; choose 2 or more."),
        (["run", "--model", "nosuchmodel", "hi"], 64, "\"nosuchmodel\" names no model."),
        (["info", "/no/such/file.gguf"], 69, "There is no model file at /no/such/file.gguf."),
        (["bench", "--repetitions", "0"], 64, "--repetitions is 0; choose 1 to 1000."),
        (
            ["run", "--image", "/no/such/photo.png", "hi"], 69,
            "no image file that can be read at /no/such/photo.png."
        ),
        (["run", ""], 64, "The prompt is empty."),
        (["run", "-"], 64, "The prompt is empty."),
        (["frobnicate"], 64, "There is no command \"frobnicate\". nuthatch --help lists them."),
        (["rnu", "hi"], 64, "There is no command \"rnu\". Did you mean run?"),
        (["run", "--seed", "-1", "hi"], 64, "choose a whole number from 0 to 18446744073709551615"),
        (["run", "--temperature", "-1", "hi"], 64, "The temperature -1.0 is out of range. Choose 0"),
        (["run", "--threads", "-1", "hi"], 64, "-1 threads were asked for. Choose 1 to 256"),
        (["run", "--max-new-tokens", "-1", "hi"], 64, "-1"),
        (["run", "-what is this"], 64, "Put -- before a text that begins so"),
        (
            ["run", "--tempratur", "1", "hi"], 64,
            "There is no option --tempratur. Did you mean --temperature?"
        ),
        (["run", "--foo", "hi"], 64, "There is no option --foo. nuthatch run --help lists them."),
        (
            ["chat", "--chat-template", "none"], 64,
            "none leaves no conversation; complete raw text with nuthatch run --raw."
        ),
        (
            ["run", "--raw", "--chat-template", "t", "hi"], 64,
            "--chat-template is for conversations, and --raw continues text"
        ),
        (
            ["logits", "m", "t", "-o", "-"], 64,
            "--output is -, and a file is written, never standard output."
        ),
        (["quantize", "m", "-", "-t", "q8_0"], 64, "The argument OUTPUT is -, and a file is written"),
        (["pull", "smolm2"], 64, "\"smolm2\" names no model. Did you mean smollm2?"),
    ])
    func badUsageGetsASentenceAndACode(arguments: [String], code: Int32, message: String) throws {
        let result = try NuthatchProcess.run(arguments)
        #expect(result.exitCode == code)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func aFileThatIsNoModelIsBadData() throws {
        let path = NSTemporaryDirectory() + "nuthatch-\(UUID()).gguf"
        try Data("not a model".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try NuthatchProcess.run(["info", path])
        #expect(result.exitCode == 65)
        #expect(result.errors.contains(path))
    }

    @Test func helpAndVersionSucceed() throws {
        for arguments in [["--help"], ["--version"], ["run", "--help"], ["chat", "--help"]] {
            let result = try NuthatchProcess.run(arguments)
            #expect(result.exitCode == 0)
            #expect(!result.output.isEmpty)
        }
    }
}
