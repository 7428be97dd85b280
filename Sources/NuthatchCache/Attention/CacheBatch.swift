package import NuthatchTensors

/// The sequences of one forward pass: which rows of the activations belong to which cache.
///
/// Rows of an entry are consecutive tokens; the first has position `cache.tokenCount`. `reserve` was called on
/// each cache for its row count. Immutable during the pass; every worker calls the same verbs in the same
/// order.
package struct CacheBatch {
    package struct Entry {
        package let cache: SequenceCache
        package let rows: Range<Int>

        package init(cache: SequenceCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    /// What a row sees of its entry.
    package enum Visibility: Sendable {
        /// A row sees its cache up to and including its own position: a decoder's.
        case past
        /// The pass's rows of its entry, those behind it and those beyond: an encoder's. Each layer's keys and values
        /// take the place of the last one's, in caches of one layer (`SourceScratch`).
        case whole
    }

    package let entries: [Entry]
    package let visibility: Visibility
    let workspace: AttentionWorkspace
    /// Where rows see all of their entries.
    private let views: [UnmaskedPass.View]
    /// Entries before this one may keep states of splits until they are merged; together they would be too many, or there is
    /// no memory for them.
    private var splittingEnd: Int

    /// The most queries of a head times splits that entries keep states for, all of a pass together.
    static let mostRowSplits = 2 * AttentionTiling.mostRowSplits

    /// - Parameter workspace: shared scratch, kept from pass to pass; grown here if needed, never in a verb.
    /// - Throws: `CacheError.outOfMemory` if the scratch can't be had.
    package init(
        _ entries: [Entry], visibility: Visibility = .past, workspace: AttentionWorkspace, workerCount: Int
    ) throws(CacheError) {
        self.entries = entries
        self.visibility = visibility
        self.workspace = workspace
        splittingEnd = visibility == .past ? Self.splittingEnd(of: entries) : entries.count
        views =
            visibility == .past
            ? []
            : entries.enumerated().map { index, entry in
                UnmaskedPass.View(
                    index: index, tokenCount: entry.rows.count, rows: entry.rows, firstPosition: 0)
            }
        for entry in entries {
            precondition(
                entry.cache.tokenCount + entry.rows.count <= entry.cache.reservedTokenCount,
                "an entry's rows are reserved before the pass")
        }
        if visibility == .past {
            do throws(CacheError) {
                try workspace.prepare(demand(workerCount: workerCount))
            } catch {
                guard splittingEnd > 0 else { throw error }
                // Blocks that walk all splits need no room for their states, and take longer.
                splittingEnd = 0
                try workspace.prepare(demand(workerCount: workerCount))
            }
        } else {
            try workspace.prepare(
                UnmaskedPass.demand(views, of: .own(entries), workspace, workerCount: workerCount))
        }
        prefetch(layer: 0)
    }

    private static func splittingEnd(of entries: [Entry]) -> Int {
        // Nearly all passes end here: even if every entry saw all of its positions those would be few enough.
        let most = entries.reduce(0) { sum, entry in
            let pageLength = entry.cache.configuration.pageLength
            let splitLength = pageLength * AttentionTiling.splitPageCount(pageLength: pageLength)
            return sum + entry.rows.count * ((entry.cache.tokenCount + entry.rows.count) / splitLength + 1)
        }
        guard most > mostRowSplits else { return entries.count }
        var sum = 0
        for (index, entry) in entries.enumerated() {
            let positions = entry.cache.tokenCount..<entry.cache.tokenCount + entry.rows.count
            var most = 0
            for layer in entry.cache.plan.layers {
                let tiling = AttentionTiling(layer, index: index, positions: positions)
                if tiling.isSplitwise { most = max(most, tiling.rowSplitCount) }
            }
            sum += most
            if sum > mostRowSplits { return index }
        }
        return entries.count
    }

    private func demand(workerCount: Int) -> AttentionWorkspace.Demand {
        var demand = AttentionWorkspace.Demand()
        demand.workerCount = workerCount
        let layerCount = entries.reduce(0) { max($0, $1.cache.layers.count) }
        for layer in 0..<layerCount {
            var splitStateCount = 0
            for (index, entry) in entries.enumerated() where layer < entry.cache.layers.count {
                let plan = entry.cache.plan.layers[layer]
                let attention = self.attention(ofEntry: index, layer: layer)
                let tokenCount = min(entry.rows.count, attention.blockLength)
                let kvHeadCount = plan.geometry.kvHeadCount
                let headCount = (workspace.queryHeadCount + kvHeadCount - 1) / kvHeadCount
                demand.add(plan, blockStateCount: tokenCount * headCount)
                if readsSplitwise(attention) {
                    demand.addFrames(attention.splitPageCount, byteCount: plan.sealedByteCount(of: 0))
                }
                splitStateCount += attention.splitStateCount(queryHeadCount: workspace.queryHeadCount)
            }
            demand.splitStateCount = max(demand.splitStateCount, splitStateCount)
        }
        return demand
    }

    func attention(ofEntry index: Int, layer: Int) -> AttentionTiling {
        let entry = entries[index]
        let start = entry.cache.tokenCount
        return AttentionTiling(
            entry.cache.plan.layers[layer], index: index, positions: start..<start + entry.rows.count,
            maySplit: index < splittingEnd)
    }

    /// Whether the workers read an entry's pages from disk themselves, split by split (`DiskSplits`).
    func readsSplitwise(_ entry: AttentionTiling) -> Bool {
        entry.isSplitwise && entries[entry.index].cache.offload != nil
    }

    /// Asks for a layer's pages to be read into frames, or at least to be fetched from the disk.
    private func prefetch(layer: Int) {
        for (index, entry) in entries.enumerated() where entry.cache.layers.indices.contains(layer) {
            let attention = attention(ofEntry: index, layer: layer)
            entry.cache.prefetch(layer: layer, intoFrames: !readsSplitwise(attention))
        }
    }

    /// Whether a layer's queries look at something from positions that are not their own.
    package func hasDistantPositions(layer: Int) -> Bool {
        visibility == .past
            && entries.contains { $0.cache.plan.layers[layer].retention.distantLimit != nil }
    }

    /// Writes the rows' keys and values ([row, kvHead * dimension]) into the layer's pages. Values that are the
    /// first columns of their keys by the layer's geometry are those of `keys`. No barrier inside; the caller places
    /// one between `append` and `attend`.
    package func append(keys: Rows, values: Rows, layer: Int, on worker: Worker) {
        let layer = cacheLayer(layer)
        if worker.index == 0 { prefetch(layer: layer + 1) }
        AppendPass(batch: self, keys: keys, values: values, layer: layer, worker: worker).run()
    }

    /// Which of its cache's layers holds a layer of the model.
    private func cacheLayer(_ layer: Int) -> Int { visibility == .past ? layer : 0 }

    /// Attention of each row's queries ([row, queryHead * keyDimension]) over what it sees of its sequence; `output` is
    /// [row, queryHead * valueDimension]. Contains its own barriers; none at the end.
    ///
    /// - Parameter distant: the rows at their `CachePlan.distantPosition`, anything in those of entries without one;
    ///   needed where `hasDistantPositions`.
    package func attend(
        _ queries: Rows, distant: DistantRows? = nil, layer: Int, queryHeadCount: Int,
        parameters: AttentionParameters, into output: Rows, on worker: Worker
    ) {
        precondition(
            queryHeadCount <= workspace.queryHeadCount, "the workspace was made for fewer query heads")
        guard visibility == .past else {
            UnmaskedPass(
                views: views, caches: .own(entries), workspace: workspace, queries: queries, output: output,
                layer: cacheLayer(layer),
                queryHeadCount: queryHeadCount, parameters: parameters, worker: worker
            ).run()
            return
        }
        AttentionPass(
            batch: self, queries: queries, distant: distant, output: output, layer: layer,
            queryHeadCount: queryHeadCount,
            parameters: parameters, worker: worker
        ).run()
    }

    /// Ends the pass for the index-th entry, before its rows are committed.
    ///
    /// - Throws: `CacheError.damagedPage`, `CacheError.ioFailed` where its pages could not be read back from disk: then its
    ///   outputs mean nothing and must not be used. Its cache is as it was; the other entries are none the worse.
    package func finish(_ index: Int) throws(CacheError) { try entries[index].cache.offload?.endReading() }

    /// Ends the pass for all entries.
    ///
    /// - Throws: the first of their failures.
    package func finish() throws(CacheError) {
        var failure: CacheError?
        for index in entries.indices {
            do throws(CacheError) { try finish(index) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}
