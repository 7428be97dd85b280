extension ScoreMatrix {
    /// More rows or columns than this are nothing to look at one by one.
    static let largestCount = 64

    /// The part of a matrix that is drawn: its last rows and columns, where it is larger than can be looked at.
    ///
    /// The last rows are the newest queries, the last columns the newest keys.
    struct Excerpt: Equatable {
        let rowLabels: [String]
        let columnLabels: [String]
        /// Cells, [row][column], of as many rows and columns as there are labels; nil where the matrix has none.
        let cells: [[Cell?]]
        /// A sentence on what is missing; nil where nothing is.
        let leftOut: String?
    }

    func excerpt(rowLimit: Int = largestCount, columnLimit: Int = largestCount) -> Excerpt {
        let rowCount = max(cells.count, rowLabels.count)
        let columnCount = max(cells.map(\.count).max() ?? 0, columnLabels.count)
        let rows = max(0, rowCount - rowLimit)..<rowCount
        let columns = max(0, columnCount - columnLimit)..<columnCount
        var missing: [String] = []
        if rows.lowerBound > 0 { missing.append("the first \(Self.counted(rows.lowerBound, "row"))") }
        if columns.lowerBound > 0 {
            missing.append("the first \(Self.counted(columns.lowerBound, "column"))")
        }
        return Excerpt(
            rowLabels: rows.map { $0 < rowLabels.count ? rowLabels[$0] : "" },
            columnLabels: columns.map { $0 < columnLabels.count ? columnLabels[$0] : "" },
            cells: rows.map { row in
                columns.map { row < cells.count && $0 < cells[row].count ? cells[row][$0] : nil }
            },
            leftOut: missing.isEmpty ? nil : "Not shown: \(missing.joined(separator: " and ")).")
    }

    /// The marks that a matrix has, in the order in which they are explained.
    var marks: [Mark] {
        Mark.allCases.filter { mark in cells.contains { $0.contains { $0.mark == mark } } }
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        count == 1 ? noun : "\(count) \(noun)s"
    }
}

extension ScoreMatrix.Mark {
    /// What a mark says.
    var meaning: String {
        switch self {
        case .computed: "new"
        case .computedAgain: "computed again"
        case .reused: "from the cache"
        case .masked: "never looked at"
        }
    }

    /// A sign that tells it from the others without colour.
    var sign: String {
        switch self {
        case .computed: "■"
        case .computedAgain: "▨"
        case .reused: "·"
        case .masked: ""
        }
    }
}

extension ScoreMatrix.Cell {
    /// A cell's score with two digits behind the point; empty where there is none or no number.
    var text: String {
        guard let value, value.isFinite, mark != .masked else { return "" }
        return value.magnitude < 1000
            ? DecimalText.fixed(value, digits: 2) : DecimalText.significant(value, digits: 3)
    }
}
