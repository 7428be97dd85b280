import NuthatchReports
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain 中文 🏳️‍🌈", "plain 中文 🏳️‍🌈"), ("a\nb\tc\r", "a\\nb\\tc\\r"), ("\u{1B}[2J", "\\u{1b}[2J"),
        ("\u{202E}abc\u{2066}", "\\u{202e}abc\\u{2066}"), ("\u{9B}\u{7F}\u{0}", "\\u{9b}\\u{7f}\\u{0}"),
        ("\u{2028}\u{FEFF}\u{E0041}", "\\u{2028}\\u{feff}\\u{e0041}"),
        ("\u{FFFF}\u{1FFFE}", "\\u{ffff}\\u{1fffe}"),
        ("e\u{301}", "e\u{301}"),
    ])
    func whatSteersIsWrittenOut(text: String, shown: String) {
        #expect(VisibleText.line(text) == shown)
    }

    @Test func wordsFlow() {
        #expect(VisibleText.flow("  a \r\n\t b\u{1B} ") == "a b\\u{1b}")
        #expect(VisibleText.flow(" \n ") == "")
    }

    @Test func linesStayLines() {
        #expect(VisibleText.lines("a\r\n\tb\n\nc\u{200F}") == ["a", "    b", "", "c\\u{200f}"])
    }
}
