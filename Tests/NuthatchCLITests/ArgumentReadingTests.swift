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
            (["run", "--what is this"], "--what is this"),
        ] as [([String], String?)])
    func textsThatBeginWithADashAreFound(arguments: [String], text: String?) {
        #expect(ArgumentReading.dashedText(arguments) == text)
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
