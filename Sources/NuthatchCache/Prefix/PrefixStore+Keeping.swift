/// What becomes of a sequence's pages as it goes on.
extension PrefixStore {
    /// Makes the pages that became full since the last call columns, and brings those before to what is kept of them;
    /// called between passes. Where another sequence computed the same page, the cache takes that and lets go of its own.
    ///
    /// - Returns: the names of the pages that are columns now.
    @discardableResult
    package func noteCommitted(_ cache: SequenceCache) -> ArraySlice<PageName> {
        guard let lease = lease(of: cache) else { return [] }
        cache.endPass()
        let pageLength = cache.configuration.pageLength
        let pageCount = cache.tokenCount / pageLength
        lease.names += PageName.chain(
            behind: lease.names.last ?? lease.root, pages: lease.names.count..<pageCount,
            pageLength: pageLength, tokens: cache.content.tokens, images: cache.content.images)
        let count = lease.columnCount
        while !lease.isCutOff, lease.columnCount < pageCount, add(lease, of: cache, pageCount: pageCount) {}
        if lease.columnCount > count || lease.isWaiting { settle(lease, of: cache, pageCount: pageCount) }
        self.count()
        return lease.names[min(count, lease.columnCount)..<lease.columnCount]
    }

    /// Notes the pages that became full, and that sequences may go on from the last of them: what its windows, its open
    /// pages and its memories need there is kept until memory is short.
    package func noteTurnEnd(_ cache: SequenceCache) {
        // A page whose writing fails stays in memory; the next pass says so.
        try? cache.finishTransfers()
        noteCommitted(cache)
        guard let lease = lease(of: cache) else { return }
        pin(min(lease.columnCount, cache.tokenCount / cache.configuration.pageLength), lease, of: cache)
        count()
    }

    /// A sequence goes on from here: others may too.
    func noteAttached(_ cache: SequenceCache) {
        guard let lease = lease(of: cache) else { return }
        lease.settledCount = lease.needs.passingPages(at: lease.columnCount).lowerBound
        lease.isWaiting = cache.configuration.placement.isDisk
        pin(lease.columnCount, lease, of: cache)
        count()
    }

    func lease(of cache: SequenceCache) -> PrefixLease? {
        cache.lease?.store === self ? cache.lease : nil
    }

    // MARK: Columns

    /// Adds the next page; false where that is not possible, now or for good.
    private func add(_ lease: PrefixLease, of cache: SequenceCache, pageCount: Int) -> Bool {
        let (needs, number) = (lease.needs, lease.columnCount)
        let name = lease.names[number]
        let parent = number == 0 ? lease.root : lease.names[number - 1]
        if number > 0, index.payload(of: parent) == nil {
            lease.isCutOff = true
            return false
        }
        var wanted = needs.lasting(number).union(needs.passing(number, at: pageCount))
        if let existing = index.payload(of: name) { wanted.subtract(existing.kinds(needs, cache.plan)) }
        guard let column = offer(wanted, number, lease, of: cache) else { return false }
        let page = PageContent(
            number: number, pageLength: needs.pageLength, tokens: cache.content.tokens,
            images: cache.content.images)
        let insertion = index.insert(
            page, named: name, parent: parent, payload: column, byteCount: column.byteCount,
            kinds: column.kinds(needs, cache.plan))
        switch insertion {
        case .inserted:
            notePassing(column, number, lease, cache.plan)
        case .merged(let existing, _):
            let union = existing.union(column)
            put(union, existing, number, lease, cache.plan)
            cache.adopt(union, number: number)
        case .orphaned, .mismatched:
            lease.isCutOff = true
            return false
        }
        if lease.isHolding { _ = index.extendHold(to: name) }
        lease.extend()
        if index.isJunction(before: name) { pin(number, lease, of: cache) }
        return true
    }

    /// Brings columns to what is kept of them where the sequence has `pageCount` full pages: adds what was coded or
    /// stored, and lets go of what was of use to the pass alone.
    private func settle(_ lease: PrefixLease, of cache: SequenceCache, pageCount: Int) {
        let needs = lease.needs
        let first = needs.passingPages(at: pageCount).lowerBound
        var isSettled = true
        lease.isWaiting = false
        for number in lease.settledCount..<lease.columnCount {
            let isWaiting = cache.isWaiting(page: number)
            if isWaiting { lease.isWaiting = true }
            isSettled = isSettled && !isWaiting && number < first && cache.isDone(page: number)
            defer { if isSettled { lease.settledCount = number + 1 } }
            guard let column = index.payload(of: lease.names[number]) else { continue }
            let wanted = needs.lasting(number).union(needs.passing(number, at: pageCount)).union(
                column.pinned)
            let isShared = lease.isHolding || cache.configuration.placement.isDisk
            let offered = offer(
                isShared ? wanted : wanted.subtracting(column.kinds(needs, cache.plan)), number, lease,
                of: cache)
            let kept = column.union(offered).limited(to: wanted, needs, cache.plan)
            put(kept, column, number, lease, cache.plan)
            cache.adopt(kept, number: number)
        }
    }

    /// Keeps what a sequence needs that goes on behind `pageCount` pages.
    private func pin(_ pageCount: Int, _ lease: PrefixLease, of cache: SequenceCache) {
        for number in lease.needs.passingPages(at: pageCount) where number < lease.columnCount {
            guard let column = index.payload(of: lease.names[number]) else { continue }
            let needed = lease.needs.passing(number, at: pageCount)
            let there = column.kinds(lease.needs, cache.plan)
            var kept = column.union(offer(needed.subtracting(there), number, lease, of: cache))
            kept.pinned.formUnion(needed)
            put(kept, column, number, lease, cache.plan)
        }
    }

    private func put(
        _ column: PageColumn, _ before: PageColumn, _ number: Int, _ lease: PrefixLease, _ plan: CachePlan
    ) {
        guard !column.isIdentical(to: before) else { return }
        _ = index.replace(
            lease.names[number], by: column, byteCount: column.byteCount,
            kinds: column.kinds(lease.needs, plan))
        notePassing(column, number, lease, plan)
    }

    private func notePassing(_ column: PageColumn, _ number: Int, _ lease: PrefixLease, _ plan: CachePlan) {
        guard !column.kinds(lease.needs, plan).isSubset(of: lease.needs.lasting(number)) else { return }
        passing.append(
            PassingColumn(name: lease.names[number], number: number, needs: lease.needs, plan: plan))
        if passing.count > 4 * index.usage.columnCount + 64 { trimPassing() }
    }

    /// A cache's pages of those kinds: shared, or copied where the cache reserved its memory; nil where they can't be had
    /// now.
    private func offer(
        _ kinds: PageKinds, _ number: Int, _ lease: PrefixLease, of cache: SequenceCache
    ) -> PageColumn? {
        let column = cache.column(number).limited(to: kinds, lease.needs, cache.plan)
        guard !lease.isHolding else { return column }
        // Pages on disk are shared by all; what is on its way there is worth waiting for.
        return cache.isWaiting(page: number) ? nil : try? column.copied(from: pool)
    }
}

extension PageColumn {
    /// The column in pages of its own; what is on disk is shared.
    fileprivate func copied(from pool: PagePool) throws(CacheError) -> PageColumn {
        var supply = try pool.take(pages.filter { $0.memory != nil }.map(\.byteCount))[...]
        var copy = self
        for layer in layers.indices {
            for form in [PrefixNeeds.Form.open, .coded, .memory] {
                guard let original = layers[layer][form], original.memory != nil,
                    let page = supply.popFirst()
                else { continue }
                page.copyContent(of: original)
                copy.layers[layer][form] = page
            }
        }
        return copy
    }
}
