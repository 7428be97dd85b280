/// What a prefix store knows of a sequence, kept with its cache: the names of its full pages, and the hold that keeps
/// those of them that are columns from being given up.
///
/// Invariants: `names` are those of the cache's first pages; the first `columnCount` of them are columns, or were where
/// the cache doesn't hold them. The cache's verbs shorten it as they shorten the sequence, a fork gets a hold of its own,
/// and a cache that goes releases its own.
final class PrefixLease {
    private(set) weak var store: PrefixStore?
    let root: PageName
    let needs: PrefixNeeds
    /// False where the cache has pages of its own (reserved growth), so nothing has to be kept for it.
    let isHolding: Bool
    var names: [PageName] = []
    private(set) var columnCount = 0
    /// Columns before this one are as they will stay, as far as this sequence is concerned.
    var settledCount = 0
    /// Whether pages of columns are on their way to the disk.
    var isWaiting = false
    /// Whether the column behind which the next would stand is gone, or another page has its name: nothing is added
    /// then.
    var isCutOff = false

    init(_ store: PrefixStore, root: PageName, needs: PrefixNeeds, isHolding: Bool) {
        self.store = store
        self.root = root
        self.needs = needs
        self.isHolding = isHolding
    }

    deinit {
        if isHolding, columnCount > 0 { store?.release(names[columnCount - 1]) }
    }

    /// Another sequence's, which begins alike.
    func forked() -> PrefixLease? {
        guard let store else { return nil }
        let fork = PrefixLease(store, root: root, needs: needs, isHolding: isHolding)
        fork.names = names
        fork.settledCount = settledCount
        fork.isCutOff = isCutOff
        if columnCount > 0, isHolding { store.hold(names[columnCount - 1]) }
        fork.columnCount = columnCount
        store.register(fork)
        return fork
    }

    /// Takes over the hold on a match.
    func begin(_ columns: [PageName]) {
        names = columns
        columnCount = columns.count
    }

    /// One more column is there, and held.
    func extend() {
        columnCount += 1
    }

    /// Forgets pages from the end.
    func truncate(to pageCount: Int) {
        moveHold(to: min(pageCount, columnCount))
        if pageCount < names.count { names.removeLast(names.count - pageCount) }
        if names.count <= columnCount { isCutOff = false }
    }

    /// Lets go of columns from this one on: they are about to be dropped.
    func cutOff(at pageCount: Int) {
        moveHold(to: min(pageCount, columnCount))
        isCutOff = true
    }

    private func moveHold(to count: Int) {
        guard count < columnCount else { return }
        let last = columnCount
        columnCount = count
        settledCount = min(settledCount, count)
        guard isHolding, let store else { return }
        if count > 0 { store.hold(names[count - 1]) }
        store.release(names[last - 1])
    }
}
