import Foundation

/// Columns of text: the first to the left, numbers to the right.
package struct TextTable {
    private var rows: [[String]]

    package init(_ header: [String]) { rows = [header] }

    /// - Parameter row: as many cells as the header has.
    package mutating func add(_ row: [String]) { rows.append(row) }

    package var text: String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + padding : padding + cell.0
            }
            let line = cells.joined(separator: "  ")
            return line + "\n"
        }.joined()
    }
}
