package import NuthatchTensors

/// The rows of a decoder's pass that look at their sources.
///
/// Immutable during the pass; every worker calls the same verbs in the same order.
package struct CrossBatch {
    package struct Entry {
        package let cache: EncoderDecoderCache
        package let rows: Range<Int>

        package init(cache: EncoderDecoderCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    package let entries: [Entry]
    private let workspace: AttentionWorkspace
    /// Views of each entry's source, as when the pass began.
    private let views: [UnmaskedPass.View]
    /// How many sources each entry's cache had begun by then.
    private let generations: [Int]
    /// Sources on disk, each once: forks that share a source read it once.
    private let stored: [SequenceCache]

    /// - Parameter workspace: may be the one of the pass's `CacheBatch`.
    /// - Throws: `CacheError.incompleteSource` where a source is not there yet; `CacheError.outOfMemory` if the
    ///   scratch can't be had.
    package init(
        _ entries: [Entry], workspace: AttentionWorkspace, workerCount: Int
    ) throws(CacheError) {
        self.entries = entries
        self.workspace = workspace
        (views, generations) = try workspace.placeSources(of: entries)
        var stored: [SequenceCache] = []
        for entry in entries {
            let source = try entry.cache.completeSource().cache
            guard source.offload != nil, !stored.contains(where: { $0 === source }) else { continue }
            stored.append(source)
        }
        self.stored = stored
        try workspace.prepare(
            UnmaskedPass.demand(views, of: .sources(entries), workspace, workerCount: workerCount))
        // Asks for the first layer's pages.
        for source in stored {
            try source.reserve(0)
            source.prefetch(layer: 0)
        }
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
            zip(entries, generations).allSatisfy { $0.cache.sourceGeneration == $1 },
            "a source stays for the whole pass")
        for source in stored {
            if worker.index == 0 { source.prefetch(layer: layer + 1) }
            source.offload?.wait(forLayer: layer)
        }
        UnmaskedPass(
            views: views, caches: .sources(entries), workspace: workspace, queries: queries, output: output,
            layer: layer,
            queryHeadCount: queryHeadCount, parameters: parameters, worker: worker
        ).run()
    }

    /// Ends the pass.
    ///
    /// - Returns: of each entry, in their order, why its source could not be read; empty where all were.
    package func finish() -> [CacheError?] {
        var failures: [CacheError?] = []
        for source in stored {
            do throws(CacheError) { try source.offload?.endReading() } catch {
                if failures.isEmpty { failures = Array(repeating: nil, count: entries.count) }
                for (index, entry) in entries.enumerated() where entry.cache.sourceContents === source {
                    failures[index] = error
                }
            }
        }
        return failures
    }
}
