import NuthatchCLI
import NuthatchHub
import Testing

@Suite struct ArgumentReadingTests {
    @Test(
        arguments: [
            (["run", "--seed", "-1", "hi"], "--seed", ["run", "--seed=-1", "hi"]),
            (["run", "hi", "--temperature", "-.5"], "--temperature", ["run", "hi", "--temperature=-.5"]),
            (["run", "-t", "-1"], "-t", ["run", "-t=-1"]), (["run", "--seed", "--json"], "--seed", nil),
            (["run", "--seed"], "--seed", nil),
        ] as [([String], String, [String]?)])
    func negativeNumbersAreValues(arguments: [String], option: String, joined: [String]?) {
        let message = "Missing value for '\(option) <value>'"
        #expect(ArgumentReading.joiningNegativeNumber(arguments, message: message) == joined)
        #expect(ArgumentReading.joiningNegativeNumber(arguments, message: "Unknown option") == nil)
    }

    @Test(
        arguments: [
            (["run", "-hello there"], "-hello there"), (["run", "- one", "--json"], "- one"),
            (["run", "-5"], "-5"),
            (["run", "-42 birds"], "-42 birds"), (["run", "--seed=3 4"], nil),
            (["run", "-m", "x", "-"], nil),
            (["run", "-hello"], "-hello"), (["run", "--", "-hello"], nil),
            (["run", "--what is this"], "--what is this"), (["run", "-x"], "-x"),
            (["run", "-m", "x", "-s"], "-s"), (["run", "-m=x", "---"], "---"), (["run", "--unknown"], nil),
        ] as [([String], String?)])
    func textsThatBeginWithADashAreFound(arguments: [String], text: String?) {
        #expect(ArgumentReading.dashedText(arguments, options: Self.options) == text)
    }

    private static let options = CommandOptions(
        help: """
            USAGE: nuthatch run [<options>] <prompt>

            ARGUMENTS:
              <prompt>                The prompt; '-' reads
                                      -standard input.

            OPTIONS:
              -m, --model <model>     An alias.
              --chat-template <file|none>
                                      --stop is another.
              --stop <stop>           A text.
              --seed <seed>           A number.
              --json                  Print <one> object.
              -h, --help              Show help information.
            """)

    @Test func aCommandsOptionsAreReadInItsHelp() {
        let options = Self.options
        #expect(
            options.names == [
                "-m", "--model", "--chat-template", "--stop", "--seed", "--json", "-h", "--help",
            ])
        #expect(options.valued == ["-m", "--model", "--chat-template", "--stop", "--seed"])
        #expect(options.hasArguments && !CommandOptions(help: "OPTIONS:\n  --json  x").hasArguments)
    }

    @Test(
        arguments: [
            (["run", "hi", "--stop", "-x"], "Missing value for '--stop <stop>'", "--stop", "-x"),
            (["run", "hi", "-m", "-x y"], "Missing value for '-m <model>'", "-m", "-x y"),
            (["run", "--stop", "--", "-x"], "Missing value for '--stop <stop>'", "--stop", "-x"),
            (["run", "hi", "--stop", "---"], "Invalid option: ---", "--stop", "---"),
            (["run", "hi", "--stop", "--json"], "Missing value for '--stop <stop>'", nil, ""),
            (["run", "hi", "--stop"], "Missing value for '--stop <stop>'", nil, ""),
        ] as [([String], String, String?, String)])
    func aValueThatBeginsWithADashIsToldToBeJoined(
        arguments: [String], message: String, option: String?, value: String
    ) {
        let sentence = ArgumentReading.dashedSentence(arguments, message: message, options: Self.options)
        #expect(
            sentence
                == option.map {
                    "\($0) lacks its value: \"\(value)\" behind it begins with '-', so it is read as options. Join a "
                        + "value that begins so with '=': \($0)=\"\(value)\"."
                })
    }

    @Test(
        arguments: [
            (["run", "--hello"], "Missing expected argument '<prompt>'", "--hello"),
            (["run", "---"], "Invalid option: ---", "---"),
            (["run", "hi", "-x"], "Unknown option '-x'", "-x"),
            (["run", "hi", "--jsn"], "Unknown option '--jsn'. Did you mean '--json'?", nil),
            (["run", "hi", "there"], "Unexpected argument 'there'", nil),
        ] as [([String], String, String?)])
    func aTextThatBeginsWithADashIsToldToStandBehindTwo(
        arguments: [String], message: String, text: String?
    ) {
        let sentence = ArgumentReading.dashedSentence(arguments, message: message, options: Self.options)
        #expect(
            sentence
                == text.map {
                    "\"\($0)\" begins with '-', so it is read as options. Put -- before a text that begins so, behind all "
                        + "options: -- \"\($0)\"."
                })
    }

    @Test func aNumberThatIsTooLargeIsToldTheRange() {
        let message = "The value '99999999999999999999' is invalid for '--top-k <top-k>'"
        #expect(
            ArgumentReading.numberSentence(message: message)
                == "--top-k is 99999999999999999999, which is out of range. Whole numbers go from -9223372036854775808 to "
                + "9223372036854775807, and most options take far fewer.")
        for other in [message + ": choose 1", "The value '9x' is invalid for '--top-k <top-k>'", "Unknown"] {
            #expect(ArgumentReading.numberSentence(message: other) == nil)
        }
    }

    @Test(
        arguments: [
            ("rnu", ["run"]), ("tokenise", ["tokenize"]), ("pul", ["pull"]), ("xyzzy", []),
            ("perp", ["perplexity"]), ("lst", ["list"]), ("INFO", ["info"]),
        ] as [(String, [String])])
    func theNearestNamesAreFound(name: String, nearest: [String]) {
        let names = ["run", "chat", "pull", "list", "info", "plan", "tokenize", "bench", "perplexity"]
        #expect(NearestNames.to(name, among: names) == nearest)
    }

    @Test(arguments: [("", "abc", 3), ("ab", "ba", 1), ("kitten", "sitting", 3), ("same", "same", 0)])
    func distancesAreCounted(first: String, second: String, distance: Int) {
        #expect(NearestNames.distance(first, second) == distance)
        #expect(NearestNames.distance(second, first) == distance)
    }
}
