package import NuthatchTensors

/// The rows of a decoder's pass that look at their sources.
///
/// Immutable during the pass; every worker calls the same verbs in the same order.
package struct CrossBatch {
    package struct Run {
        package let cache: EncoderDecoderCache
        package let rows: Range<Int>

        package init(cache: EncoderDecoderCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    package let runs: [Run]
    let workspace: AttentionWorkspace
    /// Of each run, as when the pass began.
    let sources: [SequenceCache]
    private let generations: [Int]
    /// Those on disk, each once: forks that share a source read it once.
    private let stored: [SequenceCache]

    /// - Parameter workspace: may be the one of the pass's `CacheBatch`.
    /// - Throws: `CacheError.incompleteSource` where a source is not there yet; `CacheError.outOfMemory` if the
    ///   scratch can't be had.
    package init(
        _ runs: [Run], workspace: AttentionWorkspace, workerCount: Int
    ) throws(CacheError) {
        var sources: [SequenceCache] = []
        for run in runs { sources.append(try run.cache.completeSource().cache) }
        self.runs = runs
        self.workspace = workspace
        self.sources = sources
        generations = runs.map(\.cache.sourceGeneration)
        stored = sources.indices.filter { index in
            sources[index].offload != nil && !sources[..<index].contains { $0 === sources[index] }
        }
        .map { sources[$0] }
        try workspace.prepare(demand(workerCount: workerCount))
        // Asks for the first layer's pages.
        for source in stored {
            try source.reserve(0)
            source.prefetch(layer: 0)
        }
    }

    private func demand(workerCount: Int) -> AttentionWorkspace.Demand {
        var demand = AttentionWorkspace.Demand()
        demand.workerCount = workerCount
        for (run, source) in zip(runs, sources) {
            for plan in source.plan.layers {
                let kvHeadCount = plan.geometry.kvHeadCount
                let group = (workspace.queryHeadCount + kvHeadCount - 1) / kvHeadCount
                demand.add(plan, blockStateCount: min(run.rows.count, CrossPass.blockLength) * group)
            }
        }
        return demand
    }

    /// Attention of each row's queries ([row, queryHead * keyDimension]) over all of its own source; `output` is
    /// [row, queryHead * valueDimension]. No barrier inside, none at the end; between two layers the caller has one.
    package func attend(
        _ queries: Rows, layer: Int, queryHeadCount: Int, parameters: AttentionParameters, into output: Rows,
        on worker: Worker
    ) {
        precondition(
            queryHeadCount <= workspace.queryHeadCount, "the workspace was made for fewer query heads")
        precondition(
            zip(runs, generations).allSatisfy { $0.cache.sourceGeneration == $1 },
            "a source stays for the whole pass")
        for source in stored {
            if worker.index == 0 { source.prefetch(layer: layer + 1) }
            source.offload?.wait(forLayer: layer)
        }
        CrossPass(
            batch: self, queries: queries, output: output, layer: layer, queryHeadCount: queryHeadCount,
            parameters: parameters, worker: worker
        ).run()
    }

    /// Ends the pass.
    ///
    /// - Throws: as `CacheBatch.finish`: then the outputs mean nothing.
    package func finish() throws(CacheError) {
        for source in stored { try source.offload?.endReading() }
    }
}
