import NuthatchTensors
import Testing

@Suite struct CountedTests {
    @Test(arguments: [
        (0, "token", "0 tokens"), (1, "token", "1 token"), (2, "token", "2 tokens"),
        (-1, "thread", "-1 threads"),
        (1, "entry", "1 entry"), (3, "entry", "3 entries"), (2, "patch", "2 patches"),
        (2, "model file", "2 model files"),
    ])
    func aNounStandsInTheNumberThatItsCountHas(count: Int, noun: String, text: String) {
        #expect(Counted.text(count, noun) == text)
    }

    @Test func verbsFollow() {
        #expect(
            [Counted.are(1), Counted.are(2), Counted.were(1), Counted.were(0)] == [
                "is", "are", "was", "were",
            ])
        #expect([Counted.have(1), Counted.have(2)] == ["has", "have"])
        #expect(Counted.text(2, "index", plural: "indices") == "2 indices")
    }
}
