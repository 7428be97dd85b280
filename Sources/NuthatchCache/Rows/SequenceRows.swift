import NuthatchTensors

/// Sequences that advance together: the beams of a search, the rows of a batch.
///
/// Verbs that rearrange rows are atomic: everything that can fail comes first, and what throws has changed nothing. A
/// row that goes on in one place moves there; every further place gets a fork. Growing on demand, forks share all
/// pages, so rearranging costs nothing but the copies of unfinished pages that later steps make. Reserved up front,
/// forks are copied into the reservations of rows that are dropped; only rows that become more, or that are on disk, take
/// more memory. Not thread-safe: one owner at a time; between passes only.
package final class SequenceRows<Row: SequenceRow> {
    package private(set) var rows: [Row]

    /// - Parameter rows: each once.
    package init(_ rows: [Row]) {
        self.rows = rows
        precondition(
            Set(rows.map(ObjectIdentifier.init)).count == rows.count,
            "each row of a group is a cache of its own")
    }

    /// Row i becomes a continuation of what row `indices[i]` was; as many indices as rows.
    ///
    /// - Throws: `CacheError.invalidRows`; `CacheError.outOfMemory` and its like where a fork can't be had.
    package func reorder(_ indices: [Int]) throws(CacheError) {
        guard indices.count == rows.count else {
            throw .invalidRows(
                reason:
                    "\(Counted.text(indices.count, "row")) \(Counted.were(indices.count)) named to reorder a group of \(rows.count)."
            )
        }
        try select(indices)
    }

    /// Keeps these rows, in this order, any of them any number of times.
    ///
    /// - Throws: as `reorder`.
    package func select(_ indices: [Int]) throws(CacheError) {
        for index in indices where !rows.indices.contains(index) {
            throw .invalidRows(reason: "Row \(index) was asked for; the group has \(rows.count).")
        }
        rows = try arranged(indices)
    }

    /// Puts each row `count` times in a row: 0, 0, 1, 1, ...
    ///
    /// - Throws: as `reorder`.
    package func repeatEach(_ count: Int) throws(CacheError) {
        guard count >= 1 else {
            throw .invalidRows(
                reason: "Each row was asked for \(Counted.text(count, "time")); it takes 1 or more.")
        }
        try select(rows.indices.flatMap { Array(repeating: $0, count: count) })
    }

    /// Every row forgets everything.
    package func reset() {
        for row in rows { row.reset() }
    }

    /// The pages of all rows, used and reserved, each once however many rows share it.
    package var census: PageCensus {
        rows.reduce(into: PageCensus()) { $1.count(in: &$0) }
    }

    /// Bytes of those in memory.
    package var byteCount: Int { census.byteCount }

    // MARK: Arranging

    private func arranged(_ indices: [Int]) throws(CacheError) -> [Row] {
        var isMoved = Array(repeating: false, count: rows.count)
        var result: [Row] = []
        var repeats: [Int] = []
        for (place, index) in indices.enumerated() {
            result.append(rows[index])
            if isMoved[index] {
                if let refusal = rows[index].forkRefusal { throw refusal }
                repeats.append(place)
            }
            isMoved[index] = true
        }
        var dropped = rows.indices.filter { !isMoved[$0] && rows[$0].canBecome }.map { rows[$0] }
        // What can fail first: those that no dropped row can become.
        for place in repeats.dropFirst(dropped.count) { result[place] = try result[place].fork() }
        for place in repeats.prefix(dropped.count) {
            let row = dropped.removeLast()
            row.become(forkOf: result[place])
            result[place] = row
        }
        return result
    }
}

/// The bytes of the pages of several caches, each page once.
package struct PageCensus {
    /// Bytes in memory.
    package private(set) var byteCount = 0
    /// Bytes on disk, not counting what rounds file ranges up.
    package private(set) var storedByteCount = 0
    private var seen: Set<ObjectIdentifier> = []

    package init() {}

    mutating func add(_ page: Page) {
        guard seen.insert(ObjectIdentifier(page)).inserted else { return }
        if page.fileRange == nil {
            byteCount += page.byteCount
        } else {
            storedByteCount += page.byteCount
        }
    }
}
