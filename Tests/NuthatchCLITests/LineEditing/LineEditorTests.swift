import NuthatchCLI
import Testing

@Suite struct LineEditorTests {
    private func typed(_ keys: [EditingKey], history: [String] = []) -> LineEditor {
        var editor = LineEditor(history: LineHistory(history))
        for key in keys { _ = editor.handle(key) }
        return editor
    }

    private func expect(
        _ outcome: LineEditor.Outcome, _ expected: LineEditor.Outcome,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome == expected, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ([EditingKey.text("ab"), .left, .text("x")], LineBuffer("ax", after: "b")),
        ([.text("中é"), .left, .backspace], LineBuffer("", after: "é")),
        ([.text("e"), .text("\u{301}"), .backspace], LineBuffer("")),
        ([.text("🏳️‍🌈a"), .home, .delete], LineBuffer("", after: "a")),
        ([.text("one two"), .killWord, .home, .yank], LineBuffer("two", after: "one ")),
        ([.text("one two"), .wordLeft, .killToStart], LineBuffer("", after: "two")),
        ([.text("one two"), .home, .wordRight, .killToEnd], LineBuffer("one")),
        ([.text("one two"), .home, .killNextWord], LineBuffer("", after: " two")),
        (
            [.paste("one\ntwo"), .home, .text("x"), .up, .end, .text("y")],
            LineBuffer("oney", after: "\nxtwo")
        ),
        ([.paste("long\nab"), .up, .down], LineBuffer("long\nab")),
        ([.paste("a\nb"), .up, .end, .killToEnd], LineBuffer("a", after: "b")),
        ([.text("a"), .lineBreak, .text("b")], LineBuffer("a\nb")),
    ])
    func keysEdit(keys: [EditingKey], buffer: LineBuffer) { #expect(typed(keys).buffer == buffer) }

    @Test func keysThatEndALineSaySo() {
        var editor = typed([.text("ab"), .left])
        expect(editor.handle(.enter), .submitted("ab"))
        #expect(editor.buffer.isEmpty)
        expect(editor.handle(.endOfInput), .ended)
        expect(editor.handle(.interrupt), .interrupted)
        expect(editor.handle(.suspend), .suspended)
        expect(editor.handle(.left), .refused)
        _ = editor.handle(.text("x"))
        _ = editor.handle(.home)
        expect(editor.handle(.endOfInput), .edited)
    }

    @Test func historyComesBackAndTheDraftIsKept() {
        var editor = typed([.text("draft"), .up, .up, .up], history: ["one", "two"])
        #expect(editor.buffer == LineBuffer("one"))
        _ = editor.handle(.down)
        #expect(editor.buffer == LineBuffer("two"))
        _ = editor.handle(.down)
        #expect(editor.buffer == LineBuffer("draft"))
        expect(editor.handle(.down), .refused)
    }

    @Test func historyIsSearched() {
        let entries = ["red seed", "blue", "green seed"]
        var editor = typed([.text("x"), .searchBack, .text("se"), .text("ed")], history: entries)
        #expect(editor.buffer == LineBuffer("green seed"))
        _ = editor.handle(.searchBack)
        #expect(editor.buffer == LineBuffer("red seed"))
        expect(editor.handle(.searchBack), .refused)
        _ = editor.handle(.right)
        #expect(editor.search == nil)
        expect(editor.handle(.enter), .submitted("red seed"))
        editor = typed([.text("x"), .searchBack, .text("blue"), .interrupt], history: entries)
        #expect(editor.buffer == LineBuffer("x"))
    }

    @Test func historyKeepsNoRepetitionsAndABoundedNumber() {
        var history = LineHistory()
        for number in 0..<LineHistory.entryLimit + 5 { history.add("entry \(number)") }
        let repeated = history.add("entry \(LineHistory.entryLimit + 4)")
        let empty = history.add("  ")
        #expect(!repeated && !empty)
        #expect(history.entries.count == LineHistory.entryLimit)
        #expect(history.entries.first == "entry 5")
    }

    @Test func movingAndTypingAtRandomKeepsTheText() {
        var random = SystemRandomNumberGenerator()
        let moves: [EditingKey] = [.left, .right, .home, .end, .wordLeft, .wordRight]
        for _ in 0..<200 {
            var editor = typed([.paste("the é bark\n中文 seeds\n\n🐦 nut")])
            for _ in 0..<30 { _ = editor.handle(moves.randomElement(using: &random) ?? .left) }
            #expect(editor.buffer.text == "the é bark\n中文 seeds\n\n🐦 nut")
        }
    }
}
