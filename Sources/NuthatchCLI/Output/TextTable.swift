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
                let (text, width) = cell
                guard index > 0 else { return text.padded(to: width) }
                return String(repeating: " ", count: width - text.count) + text
            }
            let line = cells.joined(separator: "  ")
            return line + "\n"
        }.joined()
    }
}

extension String {
    /// With spaces behind it, up to a width; as it is where it is as wide already.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
