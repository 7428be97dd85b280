/// Known names that someone may have meant by one that is unknown.
package enum NearestNames {
    /// The nearest names, nearest first, three at most; empty where none is near.
    ///
    /// Near is a name that the unknown one begins, or one a third of its letters away at most.
    package static func to(_ name: String, among names: [String]) -> [String] {
        let wanted = name.lowercased()
        guard !wanted.isEmpty else { return [] }
        let near = names.compactMap { candidate -> (name: String, distance: Int)? in
            let known = candidate.lowercased()
            if known.hasPrefix(wanted) { return (candidate, 0) }
            let distance = distance(wanted, known)
            return distance <= max(1, wanted.count / 3) ? (candidate, distance) : nil
        }
        return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// "Did you mean run?", with a space before it; empty where none is near.
    package static func question(_ name: String, among names: [String]) -> String {
        let near = to(name, among: names)
        guard let last = near.last else { return "" }
        let others = near.dropLast().joined(separator: ", ")
        return " Did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"
    }

    /// Insertions, removals, replacements and exchanges of neighbours that make one text of the other (optimal string
    /// alignment); the texts of names are short, so all of the table is computed.
    package static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first), Array(second))
        var rows = [Array(0...second.count)]
        for (index, character) in first.enumerated() {
            var row = [index + 1]
            for (column, other) in second.enumerated() {
                let replaced = rows[index][column] + (character == other ? 0 : 1)
                var best = min(replaced, rows[index][column + 1] + 1, row[column] + 1)
                if index > 0, column > 0, character == second[column - 1], first[index - 1] == other {
                    best = min(best, rows[index - 1][column - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
