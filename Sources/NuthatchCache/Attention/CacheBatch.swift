package import NuthatchTensors

/// The sequences of one forward pass: which rows of the activations belong to which cache.
///
/// Rows of a run are consecutive tokens; the first has position `cache.tokenCount`. `reserve` was called on
/// each cache for its row count. Immutable during the pass; every worker calls the same verbs in the same
/// order.
package struct CacheBatch {
    package struct Run {
        package let cache: SequenceCache
        package let rows: Range<Int>

        package init(cache: SequenceCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    /// What a row sees of its run.
    package enum Visibility: Sendable {
        /// A row sees its cache up to and including its own position: a decoder's.
        case past
        /// The pass's rows of its run, those behind it and those beyond: an encoder's. Each layer's keys and values
        /// take the place of the last one's, in caches of one layer (`SourceScratch`).
        case whole
    }

    package let runs: [Run]
    package let visibility: Visibility
    let workspace: AttentionWorkspace
    /// Where rows see all of their runs.
    private let views: [UnmaskedPass.View]

    /// - Parameter workspace: shared scratch, kept from pass to pass; grown here if needed, never in a verb.
    /// - Throws: `CacheError.outOfMemory` if the scratch can't be had.
    package init(
        _ runs: [Run], visibility: Visibility = .past, workspace: AttentionWorkspace, workerCount: Int
    ) throws(CacheError) {
        self.runs = runs
        self.visibility = visibility
        self.workspace = workspace
        views =
            visibility == .past
            ? []
            : runs.enumerated().map { index, run in
                UnmaskedPass.View(
                    index: index, tokenCount: run.rows.count, rows: run.rows, firstPosition: 0)
            }
        for run in runs {
            precondition(
                run.cache.tokenCount + run.rows.count <= run.cache.reservedTokenCount,
                "a run's rows are reserved before the pass")
        }
        try workspace.prepare(
            visibility == .past
                ? demand(workerCount: workerCount)
                : UnmaskedPass.demand(views, of: .own(runs), workspace, workerCount: workerCount))
        prefetch(layer: 0)
    }

    private func demand(workerCount: Int) -> AttentionWorkspace.Demand {
        var demand = AttentionWorkspace.Demand()
        demand.workerCount = workerCount
        let layerCount = runs.reduce(0) { max($0, $1.cache.layers.count) }
        for layer in 0..<layerCount {
            var splitStateCount = 0
            for (index, run) in runs.enumerated() where layer < run.cache.layers.count {
                let plan = run.cache.plan.layers[layer]
                let attention = self.attention(ofRun: index, layer: layer)
                let tokenCount = min(run.rows.count, attention.blockLength)
                let kvHeadCount = plan.geometry.kvHeadCount
                let group = (workspace.queryHeadCount + kvHeadCount - 1) / kvHeadCount
                demand.add(plan, blockStateCount: tokenCount * group)
                if readsSplitwise(attention) {
                    demand.addFrames(attention.splitPageCount, byteCount: plan.sealedByteCount(of: 0))
                }
                splitStateCount += attention.splitStateCount(queryHeadCount: workspace.queryHeadCount)
            }
            demand.splitStateCount = max(demand.splitStateCount, splitStateCount)
        }
        return demand
    }

    func attention(ofRun index: Int, layer: Int) -> AttentionRun {
        let run = runs[index]
        let start = run.cache.tokenCount
        return AttentionRun(
            run.cache.plan.layers[layer], index: index, positions: start..<start + run.rows.count)
    }

    /// Whether the workers read a run's pages from disk themselves, split by split (`DiskSplits`).
    func readsSplitwise(_ run: AttentionRun) -> Bool {
        run.isSplitwise && runs[run.index].cache.offload != nil
    }

    /// Asks for a layer's pages to be read into frames, or at least to be fetched from the disk.
    private func prefetch(layer: Int) {
        for (index, run) in runs.enumerated() where run.cache.layers.indices.contains(layer) {
            let attention = attention(ofRun: index, layer: layer)
            run.cache.prefetch(layer: layer, intoFrames: !readsSplitwise(attention))
        }
    }

    /// Whether a layer's queries look at something from positions that are not their own.
    package func hasDistantPositions(layer: Int) -> Bool {
        visibility == .past
            && runs.contains { $0.cache.plan.layers[layer].retention.distantLimit != nil }
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
    /// - Parameter distant: the rows at their `CachePlan.distantPosition`, anything in those of runs without one;
    ///   needed where `hasDistantPositions`.
    package func attend(
        _ queries: Rows, distant: DistantRows? = nil, layer: Int, queryHeadCount: Int,
        parameters: AttentionParameters, into output: Rows, on worker: Worker
    ) {
        precondition(
            queryHeadCount <= workspace.queryHeadCount, "the workspace was made for fewer query heads")
        guard visibility == .past else {
            UnmaskedPass(
                views: views, caches: .own(runs), workspace: workspace, queries: queries, output: output,
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

    /// Ends the pass, before its rows are committed.
    ///
    /// - Throws: `CacheError.damagedPage`, `CacheError.ioFailed` where pages could not be read back from disk: then
    ///   the outputs mean nothing and must not be used. The caches are as they were.
    package func finish() throws(CacheError) {
        for run in runs { try run.cache.offload?.endReading() }
    }
}
