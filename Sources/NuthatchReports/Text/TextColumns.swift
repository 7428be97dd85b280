/// A table in columns: titles and long texts are wrapped, and columns that don't fit beside each other follow below,
/// the names of the rows repeated.
struct TextColumns {
    private static let gap = 2
    /// Texts aren't made narrower than this before columns move below.
    private static let leastTextWidth = 14
    /// So many names of rows are repeated at most, for they take room from each group of columns.
    private static let mostRepeated = 2

    let lines: [String]

    init(_ table: ReportTable, width: Int, ink: TextInk) {
        let caption = VisibleText.flow(table.caption)
        var lines = caption.isEmpty ? [] : WrappedText.lines(caption, width: width).map(ink.bold)
        let columns = table.columns.indices.map { Column(table, $0) }
        for (number, group) in Self.groups(of: columns, table: table, width: width).enumerated() {
            if number > 0 { lines.append("") }
            lines += Self.lines(group, rowCount: table.rows.count, ink: ink)
        }
        self.lines = lines
    }

    /// A column's texts and how wide it is.
    private struct Column {
        let title: String
        let cells: [String]
        let isNumeric: Bool
        var width: Int

        init(_ table: ReportTable, _ index: Int) {
            title = VisibleText.flow(table.columns[index].title)
            cells = table.rows.map { index < $0.count ? VisibleText.line($0[index]) : "" }
            isNumeric = table.columns[index].isNumeric
            let longestWord =
                title.split(separator: " ").map { CharacterWidth.columns(String($0)) }.max() ?? 0
            width = max(2, longestWord, cells.map { CharacterWidth.columns($0) }.max() ?? 0)
        }
    }

    private static func groups(of columns: [Column], table: ReportTable, width: Int) -> [[Column]] {
        guard !columns.isEmpty else { return [] }
        var columns = columns
        func total(_ columns: [Column]) -> Int {
            columns.reduce(0) { $0 + $1.width } + gap * (columns.count - 1)
        }
        // Titles stand on one line where there is room for it.
        for index in columns.indices {
            let whole = CharacterWidth.columns(columns[index].title)
            if whole > columns[index].width, total(columns) + whole - columns[index].width <= width {
                columns[index].width = whole
            }
        }
        let wanted = columns
        // The widest text gives way first.
        while total(columns) > width,
            let widest = columns.indices.filter({ !columns[$0].isNumeric })
                .max(by: { columns[$0].width < columns[$1].width }),
            columns[widest].width > leastTextWidth
        {
            columns[widest].width -= 1
        }
        guard total(columns) > width else { return [columns] }
        // Where that is not enough, nothing has to.
        columns = wanted
        let repeated = min(max(0, table.rowHeaderCount), mostRepeated, columns.count - 1)
        for index in 0..<repeated {
            columns[index].width = max(2, min(columns[index].width, width / 2 / repeated - gap))
        }
        let names = Array(columns[..<repeated])
        let room = width - (repeated > 0 ? total(names) + gap : 0)
        var groups: [[Column]] = []
        for var column in columns[repeated...] {
            column.width = min(column.width, room)
            if let last = groups.last, total(last) + gap + column.width <= width {
                groups[groups.count - 1].append(column)
            } else {
                groups.append(names + [column])
            }
        }
        return groups
    }

    private static func lines(_ columns: [Column], rowCount: Int, ink: TextInk) -> [String] {
        let titles = columns.map { WrappedText.lines($0.title, width: $0.width) }
        let titleCount = titles.map(\.count).max() ?? 0
        // Titles end on one line, above the rule.
        let header = lines(columns, titles.map { Array(repeating: "", count: titleCount - $0.count) + $0 })
        let total = columns.reduce(0) { $0 + $1.width } + gap * (columns.count - 1)
        let rule = ink.faint(String(repeating: "─", count: total))
        let rows = (0..<rowCount).flatMap { row in
            lines(columns, columns.map { WrappedText.lines($0.cells[row], width: $0.width) })
        }
        return header.map(ink.faint) + [rule] + rows
    }

    /// Cells of several lines each, side by side.
    private static func lines(_ columns: [Column], _ cells: [[String]]) -> [String] {
        (0..<(cells.map(\.count).max() ?? 0)).map { line in
            let parts = zip(columns, cells).map { column, cell in
                WrappedText.padded(
                    line < cell.count ? cell[line] : "", width: column.width, toTheRight: column.isNumeric)
            }
            return WrappedText.trimmed(parts.joined(separator: String(repeating: " ", count: gap)))
        }
    }
}
