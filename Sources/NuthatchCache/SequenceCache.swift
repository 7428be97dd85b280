/// The cache of one sequence: every layer's keys and values, in pages.
///
/// One forward pass is: `reserve` (throws before anything is written), then for each layer `append` and
/// `attend` through a `CacheBatch`, then `commit`. Not thread-safe: one owner at a time.
///
/// Invariants: between passes every layer has seen exactly `tokenCount` tokens; what a fork shares with its
/// origin neither of them changes; bytes held are those of `plan`, or fewer after a rewind within a window.
package final class SequenceCache {
    package let plan: CachePlan
    /// Tokens whose keys and values every layer has seen: the next token's position.
    package private(set) var tokenCount = 0
    /// Tokens that there is room for, the reserved and not yet committed included.
    private(set) var reservedTokenCount = 0
    private(set) var layerCaches: [LayerCache]
    private let pool: PagePool

    package var configuration: CacheConfiguration { plan.configuration }
    package let layers: [LayerGeometry]

    /// - Throws: `CacheError.outOfMemory` where pages reserved up front can't be had;
    ///   `CacheError.invalidConfiguration` where the layers make no cache.
    package init(
        _ configuration: CacheConfiguration, layers: [LayerGeometry], pool: PagePool
    ) throws(CacheError) {
        let plan = try CachePlan(configuration, layers: layers)
        self.plan = plan
        self.layers = layers
        self.pool = pool
        layerCaches = try Self.emptyLayers(plan, pool: pool)
    }

    private init(copying other: SequenceCache, layerCaches: [LayerCache]) {
        plan = other.plan
        layers = other.layers
        pool = other.pool
        tokenCount = other.tokenCount
        reservedTokenCount = other.tokenCount
        self.layerCaches = layerCaches
    }

    /// Bytes of all pages held, used or reserved. Forks that share a page count it each; `PagePool.usage`
    /// once.
    package var byteCount: Int { layerCaches.reduce(0) { $0 + $1.byteCount } }

    // MARK: A pass

    /// Obtains what `newTokenCount` more tokens need, in every layer, or throws with nothing changed.
    ///
    /// A pass that was reserved and not committed leaves no trace: reserve again.
    ///
    /// - Throws: `CacheError.full` beyond the capacity, `CacheError.chunkTooLong` beyond what reserved window
    ///   layers take at once, `CacheError.outOfMemory`.
    package func reserve(_ newTokenCount: Int) throws(CacheError) {
        precondition(newTokenCount >= 0, "a pass brings 0 tokens or more")
        try checkRoom(for: newTokenCount)
        if reservedTokenCount != tokenCount { settle() }
        var byteCounts: [Int] = []
        if configuration.growth == .dynamic {
            for index in layerCaches.indices {
                let missing = layerCaches[index].missingPageCount(
                    tokenCount: tokenCount, newTokenCount: newTokenCount)
                for _ in 0..<missing { byteCounts.append(layerCaches[index].layout.byteCount) }
            }
        }
        var supply = byteCounts.isEmpty ? [] : try pool.take(byteCounts)[...]
        for index in layerCaches.indices {
            layerCaches[index].grow(tokenCount: tokenCount, newTokenCount: newTokenCount, from: &supply)
        }
        reservedTokenCount = tokenCount + newTokenCount
    }

    /// Makes the reserved tokens, now written in every layer, part of the sequence; frees pages that left a
    /// window.
    package func commit(_ newTokenCount: Int) {
        precondition(
            newTokenCount >= 0 && tokenCount + newTokenCount <= reservedTokenCount,
            "only reserved tokens can be committed")
        tokenCount += newTokenCount
        settle()
    }

    private func settle() {
        reservedTokenCount = tokenCount
        for index in layerCaches.indices { layerCaches[index].settle(tokenCount: tokenCount) }
    }

    private func checkRoom(for newTokenCount: Int) throws(CacheError) {
        let asked = tokenCount.addingReportingOverflow(newTokenCount)
        let needed = asked.overflow ? Int.max : asked.partialValue
        guard case .reserved(let capacity) = configuration.growth else {
            if needed > CacheLimits.tokenCount {
                throw .full(capacity: CacheLimits.tokenCount, asked: needed)
            }
            return
        }
        if needed > capacity { throw .full(capacity: capacity, asked: needed) }
        let limit = configuration.chunkLength
        let isBound = plan.layers.contains { $0.kept.isBoundByChunk(capacity: capacity, chunkLength: limit) }
        if isBound, newTokenCount > limit { throw .chunkTooLong(limit: limit, asked: newTokenCount) }
    }

    // MARK: Rewinding and forking

    /// Forgets tokens from the end so that `count` remain (0...tokenCount).
    ///
    /// Exact wherever every window layer still has what a query at `count` sees: always within
    /// `configuration.guaranteedRewind` tokens, usually within a page, and always while nothing was dropped
    /// yet. Else no shorter prefix can be had either (a window that starts earlier needs pages dropped
    /// earlier), so the cache forgets everything and says `.recompute(from: 0)`.
    package func truncate(to count: Int) -> Rewind {
        precondition((0...tokenCount).contains(count), "a rewind keeps 0 to tokenCount tokens")
        guard layerCaches.allSatisfy({ count == tokenCount || $0.canTruncate(to: count) }) else {
            reset()
            return .recompute(from: 0)
        }
        tokenCount = count
        reservedTokenCount = count
        for index in layerCaches.indices { layerCaches[index].truncate(to: count) }
        return .exact
    }

    /// Forgets everything; pages go back to the pool, except those reserved up front.
    package func reset() {
        tokenCount = 0
        reservedTokenCount = 0
        for index in layerCaches.indices { layerCaches[index].removeAll() }
    }

    /// Another sequence with the same content.
    ///
    /// Growing on demand, the two share every page and take no memory: whichever first writes to a page they
    /// share copies it first, which only the unfinished last page can need. Reserved up front, the fork gets
    /// a whole reservation and copies into it, so that it can't run out of memory later either.
    ///
    /// - Throws: `CacheError.outOfMemory` if a reservation can't be had.
    package func fork() throws(CacheError) -> SequenceCache {
        guard case .reserved = configuration.growth else {
            let twin = SequenceCache(copying: self, layerCaches: layerCaches)
            twin.settle()
            return twin
        }
        let reservations = try Self.reservations(plan, pool: pool)
        let copies = zip(layerCaches, reservations).map { $0.copied(into: $1) }
        let twin = SequenceCache(copying: self, layerCaches: copies)
        twin.settle()
        return twin
    }

    // MARK: Reservations

    private static func emptyLayers(_ plan: CachePlan, pool: PagePool) throws(CacheError) -> [LayerCache] {
        guard case .reserved = plan.configuration.growth else {
            return plan.layers.map { LayerCache($0, reserved: nil) }
        }
        return zip(plan.layers, try reservations(plan, pool: pool)).map { LayerCache($0, reserved: $1) }
    }

    /// For each layer, all the pages it will ever hold; taken at once and touched, so that no later step can
    /// fail.
    private static func reservations(_ plan: CachePlan, pool: PagePool) throws(CacheError) -> [[Page]] {
        guard case .reserved(let capacity) = plan.configuration.growth,
            let byteCount = plan.peakByteCount(contextLength: capacity)
        else {
            throw .outOfMemory(byteCount: .max, inUse: pool.usage.live, budget: pool.byteBudget)
        }
        if let budget = pool.byteBudget, byteCount > budget {
            // Said before millions of pages are listed one by one.
            throw .outOfMemory(byteCount: byteCount, inUse: pool.usage.live, budget: budget)
        }
        let chunkLength = plan.configuration.chunkLength
        let counts = plan.layers.map { $0.mostPages(capacity: capacity, chunkLength: chunkLength) }
        let byteCounts = zip(plan.layers, counts).flatMap { Array(repeating: $0.layout.byteCount, count: $1) }
        var pages = try pool.take(byteCounts)[...]
        return counts.map { count in
            defer { pages = pages.dropFirst(count) }
            return Array(pages.prefix(count))
        }
    }
}
