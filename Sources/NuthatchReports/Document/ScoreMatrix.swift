/// Scores of attention: a row for each query, a column for each key, and where each came from.
package struct ScoreMatrix: Equatable, Sendable {
    /// Where a score comes from.
    package enum Mark: Equatable, Sendable, CaseIterable {
        /// New in this step.
        case computed
        /// Known before, and computed once more because nothing kept it.
        case computedAgain
        /// Not computed: what it would be made of lies in the cache, and no later step asks for it.
        case reused
        /// Never looked at: the key comes after the query, or lies outside its window.
        case masked
    }

    /// One score, where it is known.
    package struct Cell: Equatable, Sendable {
        package var value: Double?
        package var mark: Mark

        package init(value: Double? = nil, mark: Mark) {
            self.value = value
            self.mark = mark
        }
    }

    package var title: String
    /// One sentence that says what it shows.
    package var summary: String
    package var rowLabels: [String]
    package var columnLabels: [String]
    /// Cells, [row][column].
    package var cells: [[Cell]]

    package init(
        title: String, summary: String, rowLabels: [String], columnLabels: [String], cells: [[Cell]]
    ) {
        self.title = title
        self.summary = summary
        self.rowLabels = rowLabels
        self.columnLabels = columnLabels
        self.cells = cells
    }
}
