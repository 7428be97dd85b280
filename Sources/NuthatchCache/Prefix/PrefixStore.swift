import NuthatchTensors

/// The pages of sequences that came before, for those that begin alike: a prefix is a fork of whoever computed it.
///
/// Invariants:
///  - a column's pages are full and never change; sequences share them, and who must write copies first (`LayerCache`);
///  - whatever a sequence shares is held for it (`PrefixLease`) and not given up; the rest is the pool's `cached`;
///  - caches that reserved their memory share none: columns get copies, and so do they.
///
/// One for a page pool. Not thread-safe: it lives where the caches do. Whoever takes pages elsewhere waits there until what is
/// cached has been given up.
package final class PrefixStore {
    let pool: PagePool
    var index = PrefixIndex<PageColumn>()
    /// Columns that keep pages beyond the lasting ones, the first kept first: these go when nothing else is left to give
    /// up.
    var passing: [PassingColumn] = []
    /// In the order in which their sequences began.
    private var leases: [WeakLease] = []

    struct PassingColumn {
        let name: PageName
        let number: Int
        let needs: PrefixNeeds
        let plan: CachePlan
    }

    private struct WeakLease {
        weak var lease: PrefixLease?
    }

    /// Asked where what is cached does not suffice: makes more of it by emptying a sequence that nobody computes; false where
    /// there is none.
    package var emptyIdleSequence: () -> Bool = { false }

    /// Asked first: gives back scratch memory that the pool has counted and nobody uses now; false where there is none.
    package var releaseScratch: () -> Bool = { false }

    /// - Parameter confine: runs what it is given where the store lives, whatever thread asks, and waits for it.
    package init(pool: PagePool, confine: @escaping @Sendable (() -> Bool) -> Bool = { $0() }) {
        self.pool = pool
        let reference = StoreReference(self)
        pool.setGiveUp { byteCount in confine { reference.store?.giveUp(byteCount) ?? false } }
    }

    deinit {
        pool.setGiveUp(nil)
        pool.setCached(0)
    }

    package var usage: PrefixUsage { index.usage }
    /// Pages that are being computed and will be columns.
    package var underWay: PagesUnderWay {
        get { index.underWay }
        set { index.underWay = newValue }
    }

    // MARK: Sequences

    /// How much of a sequence is there, and what comes next; changes nothing.
    package func match(
        _ content: SequenceContent, root: PageName, plan: CachePlan, limit: Int = .max
    ) -> PrefixMatch {
        var limit = limit
        if case .reserved(let capacity) = plan.configuration.growth { limit = min(limit, capacity) }
        guard let needs = PrefixNeeds(plan) else {
            return PrefixMatch(askedTokenCount: min(content.tokenCount, limit))
        }
        return index.longestPrefix(
            of: content.tokens, images: content.images, root: root, needs: needs, limit: limit)
    }

    /// Makes a cache the continuation of the longest beginning of `content` that is there, and a sequence whose pages become
    /// columns. What the cache held is forgotten: it is a beginning of `content` too, and no longer.
    ///
    /// The cache takes references: nothing is copied but the beginning of a page that is shared in part, or all where the
    /// cache reserved its memory. A column that turns out to be damaged on disk is dropped, and a shorter beginning taken.
    ///
    /// - Parameters:
    ///   - root: who may share, and with what the pages were computed.
    ///   - limit: the most tokens to share; one less than there are where the last one's logits are wanted.
    /// - Returns: what was found; the cache has its `tokenCount` tokens of the content.
    /// - Throws: `CacheError.outOfMemory`, `CacheError.ioFailed`; the cache is empty, and the store as it was but for what was
    ///   given up for want of memory.
    package func attach(
        _ cache: SequenceCache, to content: SequenceContent, root: PageName, limit: Int = .max
    ) throws(CacheError) -> PrefixMatch {
        while true {
            let match = match(content, root: root, plan: cache.plan, limit: limit)
            let held = [match.columns.last, match.part?.name].compactMap { $0 }
            held.forEach(hold)
            defer { held.forEach(release) }
            if cache.tokenCount > 0 { cache.reset() }
            do throws(CacheError) {
                try share(match, of: content, with: cache)
            } catch {
                if case .damagedPage = error, dropDamaged(error, holding: held) { continue }
                throw error
            }
            join(cache, root: root)
            // What was held throughout is there.
            _ = index.hold(match)
            if let lease = cache.lease, !lease.isHolding, let last = match.columns.last { release(last) }
            cache.lease?.begin(match.columns)
            noteAttached(cache)
            return match
        }
    }

    private func share(
        _ match: PrefixMatch, of content: SequenceContent, with cache: SequenceCache
    ) throws(CacheError) {
        guard match.tokenCount > 0 else { return }
        var content = content
        content.truncate(to: match.tokenCount)
        try cache.attach(
            match.columns.compactMap { index.payload(of: $0) },
            part: match.part.flatMap { index.payload(of: $0.name) }, content: content)
    }

    /// Makes a cache a sequence whose pages become columns, wherever its content came from.
    package func join(_ cache: SequenceCache, root: PageName) {
        cache.lease = nil
        guard let needs = PrefixNeeds(cache.plan) else { return }
        let lease = PrefixLease(
            self, root: root, needs: needs, isHolding: cache.configuration.growth == .dynamic)
        register(lease)
        cache.lease = lease
    }

    /// Empties a cache whose sequence goes on later: its full pages are columns that nobody holds.
    package func keep(_ cache: SequenceCache, root: PageName) {
        if lease(of: cache) == nil { join(cache, root: root) }
        leave(cache)
    }

    /// Ends a sequence: its full pages stay as columns that nobody holds, and the cache is empty.
    package func leave(_ cache: SequenceCache) {
        // A page whose writing fails is kept in memory.
        try? cache.finishTransfers()
        noteCommitted(cache)
        cache.lease = nil
        cache.reset()
        count()
    }

    // MARK: Dropping

    /// Forgets everything under a root. Sequences keep their pages; none of theirs become columns any more until they
    /// begin anew.
    package func drop(root: PageName) {
        for lease in livingLeases where lease.root == root { lease.cutOff(at: 0) }
        _ = index.drop(root)
        count()
    }

    /// Forgets a column and all that stands on it.
    package func drop(column name: PageName) {
        for lease in livingLeases {
            guard let number = lease.names.firstIndex(of: name) else { continue }
            lease.cutOff(at: number)
        }
        _ = index.drop(name)
        count()
    }

    /// Forgets the column with the page that an error says came back from disk other than it was written.
    ///
    /// - Returns: false where no column has it.
    package func drop(damaged error: CacheError) -> Bool {
        dropDamaged(error, holding: [])
    }

    private func dropDamaged(_ error: CacheError, holding held: [PageName]) -> Bool {
        guard case .damagedPage(let path, let offset, _, _) = error else { return false }
        let name = index.firstName { column in
            column.pages.contains { $0.fileRange?.offset == offset && $0.fileRange?.file.path == path }
        }
        guard let name else { return false }
        held.forEach(release)
        drop(column: name)
        held.forEach(hold)
        return true
    }

    // MARK: Holds

    func hold(_ name: PageName) {
        _ = index.hold(name)
        count()
    }

    func release(_ name: PageName) {
        guard index.payload(of: name) != nil else { return }
        index.release(name)
        count()
    }

    /// Tells the pool how much only the index holds.
    func count() { pool.setCached(index.usage.cachedByteCount) }

    func register(_ lease: PrefixLease) {
        // Making room is the time to forget those that are gone.
        if leases.count == leases.capacity { leases.removeAll { $0.lease == nil } }
        leases.append(WeakLease(lease: lease))
    }

    private var livingLeases: [PrefixLease] { leases.compactMap(\.lease) }
}

/// The pool's way to its store, which it doesn't own.
private final class StoreReference: Sendable {
    // Safe to share: used only where pages are taken, which is the store's owner's to do.
    nonisolated(unsafe) weak var store: PrefixStore?

    init(_ store: PrefixStore) {
        self.store = store
    }
}
