package import NuthatchTensors

/// The cache of one sequence: what it is of, and every layer's keys and values, in pages.
///
/// One forward pass is: `reserve` (throws before anything is written), then for each layer `append` and
/// `attend` through a `CacheBatch`, then `commit`. Not thread-safe: one owner at a time.
///
/// Invariants: between passes every layer has seen exactly the tokens of `content`; what a fork shares with its
/// origin neither of them changes; bytes held are those of `plan`, or fewer after a rewind within a window.
package final class SequenceCache {
    package let plan: CachePlan
    /// The tokens whose keys and values every layer has seen, and the images among them.
    package private(set) var content = SequenceContent()
    /// The number of those tokens: the next one's position.
    package var tokenCount: Int { content.tokenCount }
    /// Tokens that there is room for, the reserved and not yet committed included.
    private(set) var reservedTokenCount = 0
    /// Tokens that the list of ids has room for.
    private var contentCapacity = 0
    var layerCaches: [LayerCache]
    let pool: PagePool
    /// Numbers beyond what its storage holds.
    let saturation: SaturationCount
    /// What `reserve` asks the pool for: a list kept from pass to pass.
    private var missingByteCounts: [Int] = []
    /// What a prefix store knows of the sequence; nil where its pages are in none.
    var lease: PrefixLease?
    /// Nil where pages stay in memory.
    private(set) var offload: Offload?

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
        saturation = SaturationCount(layerCount: layers.count)
        offload = try Self.offload(configuration.placement, pool: pool)
        var pages = try Self.reservation(plan, pool: pool)[...]
        layerCaches = plan.layers.map { LayerCache($0, configuration: configuration, from: &pages) }
        try reserveDisk(from: &pages)
    }

    private init(copying other: SequenceCache, layerCaches: [LayerCache], offload: Offload?) {
        self.offload = offload
        plan = other.plan
        layers = other.layers
        pool = other.pool
        saturation = SaturationCount(layerCount: layers.count)
        saturation.become(other.saturation)
        content = other.content
        reservedTokenCount = other.tokenCount
        self.layerCaches = layerCaches
        lease = other.lease?.forked()
    }

    /// Bytes of all pages held, used or reserved. Forks that share a page count it each; `PagePool.usage`
    /// once.
    package var byteCount: Int {
        layerCaches.reduce(offload?.frames.byteCount ?? 0) { $0 + $1.byteCount }
    }

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
        try finishTransfers()
        endPass()
        saturation.beginPass()
        let fileRanges = try missingFileRanges(newTokenCount)
        missingByteCounts.removeAll(keepingCapacity: true)
        if configuration.growth == .dynamic {
            for index in layerCaches.indices {
                layerCaches[index].addMissing(
                    tokenCount: tokenCount, newTokenCount: newTokenCount, to: &missingByteCounts)
            }
            missingByteCounts += missingFrames
        }
        var supply = missingByteCounts.isEmpty ? [] : try pool.take(missingByteCounts)[...]
        for index in layerCaches.indices {
            layerCaches[index].grow(tokenCount: tokenCount, newTokenCount: newTokenCount, from: &supply)
        }
        prepareDisk(fileRanges, frames: &supply)
        reservedTokenCount = tokenCount + newTokenCount
        reserveContent()
    }

    /// Grows the list of ids where it is full: to powers of two of a page, so that only a pass that begins a page asks for
    /// memory.
    private func reserveContent() {
        guard reservedTokenCount > contentCapacity else { return }
        if contentCapacity == 0 { contentCapacity = configuration.pageLength }
        while contentCapacity < reservedTokenCount { contentCapacity *= 2 }
        content.reserveCapacity(contentCapacity)
    }

    /// Makes reserved tokens, now written in every layer, part of the sequence; frees pages that left a window.
    ///
    /// - Parameter images: those that begin among the tokens.
    package func commit(_ tokens: ArraySlice<TokenID>, images: [TokenGrid] = []) {
        precondition(
            tokenCount + tokens.count <= reservedTokenCount, "only reserved tokens can be committed")
        precondition(
            tokenCount + tokens.count == reservedTokenCount || layerCaches.allSatisfy { $0.memory == nil },
            "compressive memory has taken in all the tokens of a pass")
        content.append(tokens, images: images)
        reservedTokenCount = tokenCount
        for index in layerCaches.indices { layerCaches[index].commit(tokenCount: tokenCount) }
        saturation.commitPass()
        writeBehind()
    }

    private func settle() {
        reservedTokenCount = tokenCount
        for index in layerCaches.indices { layerCaches[index].settle(tokenCount: tokenCount) }
    }

    private func checkRoom(for newTokenCount: Int) throws(CacheError) {
        let room = SequenceLimit(contextLength: nil, plan: plan)
        if case .capacity(let capacity, let asked) = room.excess(of: newTokenCount, behind: tokenCount) {
            throw .full(capacity: capacity, asked: asked)
        }
        guard case .reserved(let capacity) = configuration.growth else { return }
        let limit = configuration.chunkLength
        let isBound = plan.layers.contains { $0.kept.isBoundByChunk(capacity: capacity, chunkLength: limit) }
        if isBound, newTokenCount > limit { throw .chunkTooLong(limit: limit, asked: newTokenCount) }
    }

    // MARK: Rewinding and forking

    /// Forgets tokens from the end so that `count` remain (0...tokenCount).
    ///
    /// Exact wherever every layer still has what a query at `count` sees, in the form in which it reads it: any
    /// number of tokens in layers of full history held exactly; elsewhere always within
    /// `configuration.guaranteedRewind` tokens, usually within a page, and always while nothing was dropped or
    /// sealed yet. Else the cache keeps the longest shorter beginning that it has, often none, and says from
    /// where to compute again.
    package func truncate(to count: Int) -> Rewind {
        precondition((0...tokenCount).contains(count), "a rewind keeps 0 to tokenCount tokens")
        // A page whose writing fails stays in memory; the next pass says so.
        try? finishTransfers()
        for candidate in rewindCandidates(for: count) where canTruncate(to: candidate) {
            guard reopen(for: candidate) else { continue }
            for index in layerCaches.indices {
                layerCaches[index].truncate(to: candidate, from: tokenCount)
            }
            content.truncate(to: candidate)
            reservedTokenCount = candidate
            lease?.truncate(to: candidate / configuration.pageLength)
            trimFrames()
            return candidate == count ? .exact : .recompute(from: candidate)
        }
        reset()
        return .recompute(from: 0)
    }

    /// Where a rewind to `count` may end, the best first. Between page boundaries a query needs the page it
    /// stands in as it was when open; on a boundary, without a residual, it reads sealed pages only. Compressive
    /// memory can take back the segment under way as a whole.
    private func rewindCandidates(for count: Int) -> [Int] {
        var candidates = [count, count / configuration.pageLength * configuration.pageLength]
        for layer in layerCaches {
            guard let memory = layer.memory else { continue }
            candidates.append(min(count, tokenCount / memory.segmentLength * memory.segmentLength))
        }
        return candidates.sorted(by: >)
    }

    private func canTruncate(to count: Int) -> Bool {
        count == tokenCount || layerCaches.allSatisfy { $0.canTruncate(to: count, from: tokenCount) }
    }

    /// Forgets everything; pages go back to the pool, except those reserved up front.
    package func reset() {
        try? finishTransfers()
        content.removeAll()
        reservedTokenCount = 0
        for index in layerCaches.indices { layerCaches[index].removeAll() }
        saturation.become(nil)
        lease?.truncate(to: 0)
        trimFrames()
    }

    /// Another sequence with the same content.
    ///
    /// Growing on demand, the two share every page and take no memory: whichever first writes to a page they
    /// share copies it first, which only the unfinished last page can need. Reserved up front, the fork gets
    /// a whole reservation and copies into it, so that it can't run out of memory later either.
    ///
    /// - Throws: `CacheError.outOfMemory` if a reservation can't be had.
    package func fork() throws(CacheError) -> SequenceCache {
        let offload = try Self.offload(configuration.placement, pool: pool)
        guard case .reserved = configuration.growth else {
            let layers = layerCaches.map { $0.forked() }
            let twin = SequenceCache(copying: self, layerCaches: layers, offload: offload)
            twin.settle()
            return twin
        }
        var pages = try Self.reservation(plan, pool: pool)[...]
        let copies = layerCaches.map { $0.copied(into: &pages) }
        let twin = SequenceCache(copying: self, layerCaches: copies, offload: offload)
        try twin.reserveDisk(from: &pages)
        twin.settle()
        return twin
    }

    /// Takes over what another cache of the same plan holds.
    func takeOver(_ other: SequenceCache) {
        layerCaches = other.layerCaches
        saturation.become(other.saturation)
        offload = other.offload
        content = other.content
        reservedTokenCount = other.tokenCount
        lease?.truncate(to: 0)
    }

    /// Takes a content whose pages were put in place.
    func begin(_ content: SequenceContent) {
        self.content = content
        contentCapacity = 0
        settle()
    }

    /// Forgets a pass that was reserved and not committed.
    func endPass() {
        if reservedTokenCount != tokenCount { settle() }
    }

    /// Whether `become` is possible: where all pages were reserved up front and stay in memory.
    package var canBecome: Bool { configuration.growth != .dynamic && offload == nil }

    /// Becomes a fork of another sequence of the same plan, in its own reservation: takes no memory and can't fail.
    /// What it held is forgotten.
    package func become(forkOf origin: SequenceCache) {
        precondition(canBecome && plan == origin.plan, "a reservation for the same plan")
        for index in layerCaches.indices {
            var pages = layerCaches[index].surrendered()[...]
            layerCaches[index] = origin.layerCaches[index].copied(into: &pages)
        }
        saturation.become(origin.saturation)
        content = origin.content
        lease = origin.lease?.forked()
        settle()
    }

    // MARK: Reservations

    /// The pages that all layers have from their beginning, in their order; taken at once and touched, so that
    /// under reserved growth no later step can fail.
    private static func reservation(_ plan: CachePlan, pool: PagePool) throws(CacheError) -> [Page] {
        guard let byteCount = plan.byteCount(tokenCount: 0) else {
            throw .outOfMemory(byteCount: .max, inUse: pool.usage.live, budget: pool.byteBudget)
        }
        if let budget = pool.byteBudget, byteCount > budget {
            // Said before millions of pages are listed one by one.
            throw .outOfMemory(byteCount: byteCount, inUse: pool.usage.live, budget: budget)
        }
        var byteCounts = plan.layers.flatMap {
            LayerCache.reservedByteCounts($0, configuration: plan.configuration)
        }
        if case .reserved(let capacity) = plan.configuration.growth {
            let frames = plan.frames(tokenCount: capacity)
            byteCounts += Array(repeating: frames.byteCount, count: 2 * frames.count)
        }
        return try pool.take(byteCounts)
    }
}
