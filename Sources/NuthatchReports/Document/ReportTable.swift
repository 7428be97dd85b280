/// A table: rows of texts under titled columns.
package struct ReportTable: Equatable, Sendable {
    /// A column's title, and whether it holds numbers, which stand to the right.
    package struct Column: Equatable, Sendable {
        package var title: String
        package var isNumeric: Bool

        package init(title: String, isNumeric: Bool = false) {
            self.title = title
            self.isNumeric = isNumeric
        }
    }

    package var caption: String
    package var columns: [Column]
    /// Cells, [row][column]; a row with fewer ends with empty ones, and what a row has beyond the columns isn't shown.
    package var rows: [[String]]
    /// How many cells at the beginning of each row name it.
    package var rowHeaderCount: Int

    package init(caption: String, columns: [Column], rows: [[String]], rowHeaderCount: Int = 1) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.rowHeaderCount = rowHeaderCount
    }
}
