/// What goes when memory is short.
extension PrefixStore {
    /// Gives up about so many bytes: columns that nobody holds, leaves first and the least recently used first; then what
    /// held columns keep beyond the lasting pages. Where there isn't as much, a sequence that nobody computes is emptied first.
    ///
    /// - Returns: whether to ask for the pages again; false where all that doesn't suffice.
    func giveUp(_ byteCount: Int) -> Bool {
        if releaseScratch() { return true }
        // What that frees may be pages that become nobody's columns.
        guard available >= byteCount else { return emptyIdleSequence() }
        let cached = index.usage.cachedByteCount
        defer { count() }
        if cached > 0, !index.evict(byteCount: byteCount).isEmpty { return true }
        var freed = 0
        while freed < byteCount, !passing.isEmpty { freed += strip(passing.removeFirst()) }
        return freed > 0
    }

    /// Gives up every column that nobody holds.
    package func giveUpAll() {
        _ = index.evict(byteCount: .max)
        count()
    }

    private var available: Int {
        trimPassing()
        return index.usage.cachedByteCount + passing.reduce(0) { $0 + spareByteCount($1) }
    }

    private func spareByteCount(_ entry: PassingColumn) -> Int {
        guard let column = index.payload(of: entry.name) else { return 0 }
        return column.byteCount - lasting(column, entry).byteCount
    }

    /// Leaves a column its lasting pages; returns the bytes of the others.
    private func strip(_ entry: PassingColumn) -> Int {
        guard let column = index.payload(of: entry.name) else { return 0 }
        let rest = lasting(column, entry)
        _ = index.replace(
            entry.name, by: rest, byteCount: rest.byteCount, kinds: rest.kinds(entry.needs, entry.plan))
        return column.byteCount - rest.byteCount
    }

    private func lasting(_ column: PageColumn, _ entry: PassingColumn) -> PageColumn {
        var rest = column.limited(to: entry.needs.lasting(entry.number), entry.needs, entry.plan)
        rest.pinned = []
        return rest
    }

    /// Forgets entries whose column is gone, or has an earlier entry.
    func trimPassing() {
        var known: Set<PageName> = []
        passing.removeAll { index.payload(of: $0.name) == nil || !known.insert($0.name).inserted }
    }
}
