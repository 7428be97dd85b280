import NuthatchCLI
import NuthatchReports
import NuthatchTestSupport
import Testing

/// What a terminal of so many columns shows after edits.
private struct Paper: Equatable {
    var rows: [[String]] = [[]]
    var row = 0
    var column = 0

    mutating func apply(_ edit: ScreenEdit) {
        switch edit {
        case .up(let count): row -= count
        case .down(let count): row += count
        case .column(let column): self.column = column
        case .text(let text): text.forEach { put($0) }
        case .nextRow:
            row += 1
            column = 0
            if row == rows.count { rows.append([]) }
        case .eraseBelow:
            rows[row] = Array(rows[row].prefix(column))
            rows.removeSubrange((row + 1)...)
        case .eraseScreen: (rows, row, column) = ([[]], 0, 0)
        }
    }

    private mutating func put(_ character: Character) {
        let width = CharacterWidth.columns(character)
        while rows[row].count < column + width { rows[row].append(" ") }
        if width > 0 {
            rows[row][column] = String(character)
            for other in 1..<max(width, 1) { rows[row][column + other] = "" }
        }
        column += width
    }
}

@Suite struct LineScreenTests {
    @Test func longLinesWrapAndWideCharactersStayWhole() {
        let layout = LineLayout(prompt: ">>> ", buffer: LineBuffer("ab中", after: "文c\nd"), columns: 7)
        #expect(layout.rows == [">>> ab", "中文c", "... d"])
        #expect((layout.cursorRow, layout.cursorColumn) == (1, 2))
        let full = LineLayout(prompt: ">>> ", buffer: LineBuffer("abcd"), columns: 8)
        #expect(full.rows == [">>> abcd", ""])
        #expect((full.cursorRow, full.cursorColumn) == (1, 0))
    }

    @Test func whatWouldSteerTheTerminalIsWrittenOut() {
        let layout = LineLayout(prompt: "", buffer: LineBuffer("a\u{1B}[2J\tb"), columns: 40)
        #expect(layout.rows == ["a\\u{1b}[2J      b"])
    }

    @Test func aTallTextShowsTheRowsAroundTheCursor() {
        let text = (0..<50).map(String.init).joined(separator: "\n")
        let end = LineLayout(prompt: "", buffer: LineBuffer(text), columns: 20, height: 5)
        #expect(end.rows == (45..<50).map { "... \($0)" })
        #expect(end.cursorRow == 4)
        let start = LineLayout(prompt: "", buffer: LineBuffer("", after: text), columns: 20, height: 5)
        #expect(start.rows.first == "0")
        #expect(start.cursorRow == 0)
    }

    @Test func typingAtTheEndWritesWhatWasTypedAlone() {
        var screen = LineScreen()
        _ = screen.show(LineLayout(prompt: "> ", buffer: LineBuffer("a"), columns: 20))
        let typed = screen.show(LineLayout(prompt: "> ", buffer: LineBuffer("ab"), columns: 20))
        #expect(typed == [.text("b")])
        let moved = screen.show(LineLayout(prompt: "> ", buffer: LineBuffer("a", after: "b"), columns: 20))
        #expect(moved == [.column(3)])
    }

    @Test("A word is found from a cursor that stands before an accent typed by itself")
    func wordsAtAnAccent() {
        for text in ["", "a ", "中 "] {
            var buffer = LineBuffer(text + "e", after: "\u{301} b")
            #expect(buffer.killWord() == "e")
            #expect(buffer == LineBuffer(text, after: "\u{301} b"))
            buffer = LineBuffer(text + "e", after: "\u{301} b")
            buffer.moveWordLeft()
            #expect(buffer.before == text)
            buffer = LineBuffer(text + "e", after: "\u{301}b c")
            buffer.moveWordRight()
            #expect(buffer.text.unicodeScalars.elementsEqual((text + "e\u{301}b c").unicodeScalars))
            #expect(buffer.after == " c")
        }
    }

    @Test(arguments: UInt64(1)...30) func editsShowWhatALayoutAnewWouldShow(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let keys: [EditingKey] = [
            .text("a"), .text("中"), .text("e"), .text("\u{301}"), .text("🐦"), .text(" "), .lineBreak,
            .paste("pasted text\nof two lines"), .left, .right, .up, .down, .home, .end, .wordLeft,
            .wordRight,
            .backspace, .delete, .killWord, .killToEnd, .yank, .up,
        ]
        for columns in [3, 7, 12, 80] {
            var editor = LineEditor(history: LineHistory(["an earlier line", "中文中文"]))
            var screen = LineScreen()
            var paper = Paper()
            for step in 0..<400 {
                if let key = keys.randomElement(using: &random) { _ = editor.handle(key) }
                if step % 97 == 96 {
                    for edit in screen.finish() { paper.apply(edit) }
                    paper = Paper()
                    editor.begin()
                }
                let layout = LineLayout(prompt: "> ", buffer: editor.buffer, columns: columns, height: 6)
                for edit in screen.show(layout) { paper.apply(edit) }
                var fresh = LineScreen()
                var expected = Paper()
                for edit in fresh.show(layout) { expected.apply(edit) }
                #expect(paper == expected, "columns \(columns), step \(step)")
                if paper != expected { return }
            }
        }
    }
}
