/// A table under its caption, inside a region that scrolls where the page is narrower.
enum HTMLTable {
    static func element(_ table: ReportTable, _ identifiers: inout HTMLIdentifiers) -> HTMLElement {
        let identifier = identifiers.next("table")
        let caption = HTMLElement(.caption, [:], [HTMLElement(.span, [.id: identifier], flow: table.caption)])
        let titles = table.columns.map { column in
            // A header that says nothing is none.
            VisibleText.flow(column.title).isEmpty
                ? HTMLElement(.td)
                : HTMLElement(.th, [.scope: "col", .class: name(of: column)], flow: column.title)
        }
        let rows = table.rows.map { row in HTMLElement(.tr, [:], cells(row, of: table)) }
        return HTMLBlock.scrollable(
            HTMLElement(
                .table, [:],
                [
                    caption, HTMLElement(.thead, [:], [HTMLElement(.tr, [:], titles)]),
                    HTMLElement(.tbody, [:], rows),
                ]),
            labelledBy: identifier)
    }

    private static func cells(_ row: [String], of table: ReportTable) -> [HTMLElement] {
        table.columns.enumerated().map { index, column in
            let text = index < row.count ? row[index] : ""
            return index < table.rowHeaderCount && !text.isEmpty
                ? HTMLElement(.th, [.scope: "row", .class: name(of: column)], line: text)
                : HTMLElement(.td, [.class: name(of: column)], line: text)
        }
    }

    private static func name(of column: ReportTable.Column) -> String {
        column.isNumeric ? "number" : "words"
    }
}
