/// Rows one behind the other, in groups of which each is multiplied by a matrix of its own: group g is rows
/// starts[g] ..< starts[g + 1], and may be empty. Borrowed: valid while what holds the starts lives.
package struct RowGroups {
    package let starts: UnsafePointer<Int32>
    package let count: Int

    package init(starts: UnsafePointer<Int32>, count: Int) {
        self.starts = starts
        self.count = count
    }

    package subscript(group: Int) -> Range<Int> { Int(starts[group])..<Int(starts[group + 1]) }

    package var rowCount: Int { Int(starts[count]) }

    /// Calls `body` with this worker's share of the groups' tiles: up to 16 rows of one group.
    package func forEachOwnTile(on worker: Worker, _ body: (Range<Int>) -> Void) {
        let length = Operations.tileLength
        let own = worker.share(of: partCount(of: length))
        var first = 0
        for group in 0..<count {
            let rows = self[group]
            let tileCount = (rows.count + length - 1) / length
            for tile in own.clamped(to: first..<first + tileCount) {
                let start = rows.lowerBound + (tile - first) * length
                body(start..<min(start + length, rows.upperBound))
            }
            first += tileCount
        }
    }

    /// Parts of up to so many rows that the groups come to.
    func partCount(of length: Int) -> Int {
        (0..<count).reduce(0) { $0 + (self[$1].count + length - 1) / length }
    }
}
