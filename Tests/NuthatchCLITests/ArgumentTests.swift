import Foundation
import NuthatchCLI
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What is wrong with an argument is said in one sentence that names it.
@Suite struct ArgumentTests {
    private let model: TemporaryDirectory

    init() throws { model = try ChatModel.write() }

    @Test func anArgumentThatIsNoUTF8IsRefusedByItsPlace() throws {
        let script = "\"$0\" tokenize -m \"$1\" $'caf\\xe9 au lait'"
        let result = try NuthatchProcess.run(
            ["-c", script, NuthatchProcess.executable.path, model.path],
            executable: URL(filePath: "/bin/bash"))
        #expect(result.exitCode == 65)
        #expect(result.output.isEmpty)
        #expect(
            result.errors.hasPrefix(
                "nuthatch: Argument 4 is not UTF-8: \"caf\\xe9 au lait\". Convert it first,"),
            "\(result.errors)")
        try ArgumentBytes.check([Array("né".utf8), [], Array("\u{FFFD}".utf8)])
        let error = try #require(throws: NuthatchError.self) {
            try ArgumentBytes.check([Array("a".utf8), [0xED, 0xA0, 0x80]])
        }
        #expect(error.message == "Argument 2 is not UTF-8: \"\\xed\\xa0\\x80\".")
    }

    @Test func aVariableThatIsNoUTF8IsRefusedByItsName() throws {
        let script = "NUTHATCH_HOME=$'/tmp/caf\\xe9' \"$0\" list"
        let result = try NuthatchProcess.run(
            ["-c", script, NuthatchProcess.executable.path], executable: URL(filePath: "/bin/bash"))
        #expect(result.exitCode == 65)
        #expect(
            result.errors
                == "nuthatch: The environment variable NUTHATCH_HOME is not UTF-8. Set it to a text in UTF-8, or "
                + "NUTHATCH_HOME to a directory whose name is one.\n")
        // One that isn't looked at is nobody's business.
        try ArgumentBytes.checkEnvironment { ["NUTHATCH_HOME": Array("/home".utf8), "HOME": [0xFF]][$0] }
        let error = try #require(throws: NuthatchError.self) {
            try ArgumentBytes.checkEnvironment { ["HF_TOKEN": Array("secret".utf8) + [0xFF]][$0] }
        }
        #expect(
            error.description == "The environment variable HF_TOKEN is not UTF-8. Set it to a text in UTF-8.")
    }

    @Test func anEmptyNameOfAFileIsNamedByItsArgument() throws {
        let cases: [(arguments: [String], name: String)] = [
            (["perplexity", model.path, ""], "The argument FILE"),
            (["logits", model.path, "", "-o", "o"], "The argument TOKENS"),
            (["logits", model.path, "t", "-o", ""], "--output"),
            (["quantize", model.path, "", "-t", "q8_0"], "The argument OUTPUT"),
            (["run", "--image", "", "hi"], "--image"),
            (["run", "--chat-template", "", "hi"], "--chat-template"),
        ]
        for (arguments, name) in cases {
            let result = try NuthatchProcess.run(arguments)
            #expect(result.exitCode == 64, "\(arguments)")
            #expect(
                result.errors == "nuthatch: \(name) is empty where a file's name belongs. Name a file.\n",
                "\(arguments)")
        }
    }

    @Test func argumentsThatCannotBeReadAreNoneToBeGuessedAt() throws {
        try ArgumentBytes.checkPresence(count: 1)
        let error = try #require(throws: NuthatchError.self) { try ArgumentBytes.checkPresence(count: 0) }
        #expect(
            error.description
                == "The arguments cannot be read: there is no /proc/self/cmdline. Mount /proc (mount -t proc proc /proc)."
        )
    }

    @Test func whatIsReadAsOptionsIsToldHowToBeGiven() throws {
        for (arguments, sentence) in [
            (["pull", "-x"], "Put -- before"), (["run", "-m", "smollm2", "-s"], "-- \"-s\"."),
            (["tokenize", "---"], "-- \"---\"."), (["run", "hi", "--stop", "---"], "--stop=\"---\"."),
            (["run", "hi", "--system", "-x"], "--system=\"-x\"."),
            (["run", "hi", "--max-new-tokens", "99999999999999999999"], "out of range"),
            (["run", "hi", "--memory", "0"], "it is out of range; choose at least 1 byte"),
            (["plan", "--weights", "0"], "it is out of range; choose at least 1 byte"),
            (["plan", "--memory", "-5"], "it is out of range"),
        ] {
            let result = try NuthatchProcess.run(arguments)
            #expect(result.exitCode == 64 && result.errors.contains(sentence), "\(result.errors)")
        }
    }

    @Test func emptyTextsAreCalledWhatTheyAre() throws {
        #expect(
            try NuthatchProcess.run(["run", ""]).errors
                == "nuthatch: The prompt is empty. Give at least one character.\n")
        #expect(
            try NuthatchProcess.run(["tokenize", ""]).errors
                == "nuthatch: The text is empty. Give at least one character.\n")
        #expect(
            try NuthatchProcess.run(["run", "--stop", "", "hi"]).errors
                == "nuthatch: A stop string is empty. Give each at least one character, or leave it out.\n")
    }

    @Test func anotherModelsWeightsAreRefusedWithoutAUsageOfNoCommand() throws {
        let result = try NuthatchProcess.run(["plan", model.path, "--weights", "14GB"])
        #expect(result.exitCode == 64)
        #expect(
            result.errors
                == "nuthatch: --weights 14.0 GB is for a model that is not here, and the weights of \(model.path) are "
                + "counted. Leave it out, or choose native, f32, bf16 or q8.\n")
    }

    @Test func aCacheTooSmallSpeaksOfNoConversationWhereThereIsNone() throws {
        let result = try NuthatchProcess.run(
            ["bench", model.path, "--kv-capacity", "5", "--prompt-tokens", "8", "--repetitions", "1"])
        #expect(result.exitCode == 65)
        #expect(
            result.errors
                == "nuthatch: The cache has room for 5 tokens; 8 are needed. Give fewer tokens, or reserve the cache for "
                + "more (--kv-capacity).\n")
    }

    @Test func cacheOptionsBesideNoCacheAreSaidToBeOfTheOneThatIsEmptied() throws {
        func errors(_ options: String...) throws -> String {
            let result = try NuthatchProcess.run(
                ["run", "-m", model.path, "--no-cache", "--max-new-tokens", "1", "seed"] + options)
            #expect(result.exitCode == 0, "\(result.errors)")
            return result.errors
        }
        #expect(
            try errors("--kv-keys", "q8", "--kv-capacity", "64").hasPrefix(
                "nuthatch: With --no-cache every token is computed from an emptied cache, and --kv-keys, --kv-capacity "
                    + "say how that one holds keys and values.\n"))
        #expect(try !errors().contains("emptied"))
    }

    @Test func aLookAtAModelThatIsNotHereFetchesNothing() throws {
        let home = try TemporaryDirectory()
        for arguments in [["info", "gemma3"], ["plan", "gemma3"], ["tokenize", "-m", "gemma3", "hi"]] {
            let result = try NuthatchProcess.run(arguments, environment: ["NUTHATCH_HOME": home.path])
            #expect(result.exitCode == 69, "\(arguments)")
            #expect(
                result.errors
                    == "nuthatch: gemma3 is not in the model store \(home.path). Fetch it with: nuthatch pull gemma3\n",
                "\(arguments)")
        }
    }

    @Test func tokensAreAListOfOneOrMore() throws {
        for text in ["[1,]", "[]", "[1.5]", "{}", "[99999999999]", "x"] {
            let result = try NuthatchProcess.run(
                ["logits", model.path, "-", "-o", model.path + "/out.f32"], input: text)
            #expect(result.exitCode == 65, "\(text)")
            #expect(
                result.errors.contains("is no JSON array of one or more token ids. Write it as [1, 2, 3]."))
        }
        #expect(!FileManager.default.fileExists(atPath: model.path + "/out.f32"))
    }

    @Test func piecesUnderJSONAreTextsThemselves() throws {
        let result = try NuthatchProcess.run(["tokenize", "-m", model.path, "--json", "a\"é"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["pieces"] as? [String] == ["a", "\"", "<C3>", "<A9>"])
    }

    @Test func numbersThatAreNoneAreBadData() throws {
        let tiny = TinyLlama(maxPositions: 64, vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory)
        try directory.write(try tiny.weights(scaling: "down_proj", by: .nan), as: "model.safetensors")
        let text = try directory.write(Array("a text of birds".utf8), as: "text.txt")
        let tokens = try directory.write(Array("[1, 2]".utf8), as: "tokens.json")
        for arguments in [
            ["perplexity", directory.path, text],
            ["logits", directory.path, tokens, "-o", directory.path + "/o"],
        ] {
            let result = try NuthatchProcess.run(arguments)
            #expect(result.exitCode == 65, "\(result.errors)")
            #expect(
                result.errors.contains("are not all numbers. Check that its file is whole"),
                "\(result.errors)")
        }
    }

    @Test func anInterruptUnderJSONIsOneObject() throws {
        let long = try ChatModel.write(contextLength: 16_384)
        let script = """
            "$0" bench "$1" --prompt-tokens 16000 --repetitions 1000 --json & job=$!
            sleep 1; kill -INT $job; wait $job; echo "ended $?"
            """
        let result = try NuthatchProcess.run(
            ["-c", script, NuthatchProcess.executable.path, long.path],
            executable: URL(filePath: "/bin/bash"))
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2 && lines.last == "ended 130", "\(result.output)")
        #expect(lines.first?.contains(#""code":"cancelled""#) == true, "\(result.output)")
    }

    @Test func aContextThatNobodySaidIsSaidToBeAssumed() throws {
        let shape = ["plan", "--layers", "2", "--kv-heads", "2", "--head-dimension", "8"]
        let sentence = "Layers alone say no context, so 512 tokens are planned; choose with --context, "
        #expect(try NuthatchProcess.run(shape).output.contains(sentence))
        for said in [["--context", "64"], ["--kv-capacity", "64"], ["--memory", "1GB"]] {
            #expect(try !NuthatchProcess.run(shape + said).output.contains("Layers alone"), "\(said)")
        }
        #expect(try NuthatchProcess.run(shape + ["--context", "1"]).output.contains(" of 1 token ("))
    }

    @Test func aPathThatIsPulledIsOneOnThisMachine() throws {
        let result = try NuthatchProcess.run(["pull", model.path])
        #expect(result.exitCode == 0)
        #expect(result.output == model.path + "\n")
        #expect(
            result.errors
                == "nuthatch: \(model.path) is a path on this machine, and nothing is fetched; use it as it is: nuthatch run "
                + "--model \(model.path) \"...\".\n")
        let text = try model.write(Array("not a model".utf8), as: "notes.txt")
        let other = try NuthatchProcess.run(["pull", text])
        #expect(other.exitCode == 65)
        #expect(
            other.errors.hasPrefix(
                "nuthatch: \(text) is a path on this machine, and nothing is fetched.\nnuthatch: \(text) is a text."
            ))
    }

    @Test(arguments: ["HUP", "TERM"]) func nothingHalfWrittenStaysWhereTheProcessIsAskedToEnd(
        _ signal: String
    ) throws {
        let long = try ChatModel.write(contextLength: 16_384)
        let tokens = try model.write(
            Array(("[" + Array(repeating: "3", count: 16_000).joined(separator: ",") + "]").utf8),
            as: "tokens.json")
        let folder = try TemporaryDirectory()
        let script = """
            "$0" logits "$1" "$2" -o "$3/logits.f32" & job=$!
            until [ -n "$(ls -A "$3")" ] || ! kill -0 $job; do sleep 0.02; done
            kill -\(signal) $job; wait $job; echo "ended $?"; ls -A "$3"
            """
        let result = try NuthatchProcess.run(
            ["-c", script, NuthatchProcess.executable.path, long.path, tokens, folder.path],
            executable: URL(filePath: "/bin/bash"))
        #expect(result.output == "ended 130\n", "\(result.errors)")
    }
}
