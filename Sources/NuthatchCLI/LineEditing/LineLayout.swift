import NuthatchReports

/// How a text under its prompt lies on the rows of a terminal.
///
///     >>> a message that is longer than a ro
///     w goes on below; a line break begins a
///     ...  row of its own
package struct LineLayout: Equatable, Sendable {
    package private(set) var rows: [String]
    package private(set) var cursorRow: Int
    package private(set) var cursorColumn: Int

    package static let continuation = "... "
    /// Tabs stop where terminals have them.
    private static let tabLength = 8

    /// - Parameters:
    ///   - columns: of the terminal, at least 2.
    ///   - height: rows of the terminal; of a longer text, those around the cursor are shown.
    package init(prompt: String, buffer: LineBuffer, columns: Int, height: Int = .max) {
        var page = Page(columns: max(columns, 2))
        page.add(prompt)
        page.add(buffer.before)
        (cursorRow, cursorColumn) = page.cursor
        page.add(buffer.after)
        // A row that is full to its end has the cursor below it, whether or not anything follows.
        page.closeRow()
        rows = page.rows
        guard rows.count > height, height > 0 else { return }
        let first = max(0, min(cursorRow - height / 2, rows.count - height))
        rows = Array(rows[first..<first + height])
        cursorRow -= first
    }

    /// Rows that a terminal of other columns takes for the rows above the cursor, where it breaks each anew.
    package func rowCountAboveCursor(columns: Int) -> Int {
        let columns = max(columns, 1)
        let above = rows[..<cursorRow].reduce(0) { count, row in
            count + max(1, (CharacterWidth.columns(row) + columns - 1) / columns)
        }
        return above + cursorColumn / columns
    }

    private struct Page {
        let columns: Int
        var rows = [""]
        var column = 0

        init(columns: Int) { self.columns = columns }

        var cursor: (Int, Int) {
            column < columns ? (rows.count - 1, column) : (rows.count, 0)
        }

        mutating func add(_ text: String) {
            for character in text {
                switch character {
                case "\n", "\r\n":
                    rows.append("")
                    column = 0
                    add(LineLayout.continuation)
                case "\t":
                    add(String(repeating: " ", count: LineLayout.tabLength - column % LineLayout.tabLength))
                default: place(character)
                }
            }
        }

        mutating func closeRow() {
            if column >= columns {
                rows.append("")
                column = 0
            }
        }

        private mutating func place(_ character: Character) {
            let visible = TerminalText.visible(character)
            if let visible { return visible.forEach { place($0, 1) } }
            place(character, CharacterWidth.columns(character))
        }

        private mutating func place(_ character: Character, _ width: Int) {
            if column + width > columns {
                rows.append("")
                column = 0
            }
            rows[rows.count - 1].append(character)
            column += width
        }
    }
}
