package import NuthatchTensors

/// The part of some sources that one pass writes: their next tokens' keys and values, in every layer.
///
/// How a source is cut into passes never shows in what queries read.
package struct SourceBatch {
    package struct Entry {
        package let cache: EncoderDecoderCache
        /// Rows of the source's next tokens.
        package let rows: Range<Int>

        package init(cache: EncoderDecoderCache, rows: Range<Int>) {
            self.cache = cache
            self.rows = rows
        }
    }

    private let batch: CacheBatch
    private let sources: [SourceCache]

    /// - Throws: `CacheError.full` beyond the tokens that a source was begun with; `CacheError.chunkTooLong`,
    ///   `CacheError.outOfMemory` and its like where room can't be had. Then the sources are as they were.
    package init(
        _ entries: [Entry], workspace: AttentionWorkspace, workerCount: Int
    ) throws(CacheError) {
        var sources: [SourceCache] = []
        var parts: [CacheBatch.Entry] = []
        for entry in entries {
            guard let source = entry.cache.source, !source.isComplete else {
                throw .full(capacity: 0, asked: entry.rows.count)
            }
            let end = source.cache.tokenCount + entry.rows.count
            guard end <= source.tokenCount else { throw .full(capacity: source.tokenCount, asked: end) }
            sources.append(source)
            parts.append(CacheBatch.Entry(cache: source.cache, rows: entry.rows))
        }
        for part in parts { try part.cache.reserve(part.rows.count) }
        self.sources = sources
        batch = try CacheBatch(parts, workspace: workspace, workerCount: workerCount)
    }

    /// Writes the rows' keys and values ([row, kvHead * dimension]) of a layer. Contains a barrier; none at the end.
    package func append(keys: Rows, values: Rows, layer: Int, on worker: Worker) {
        batch.append(keys: keys, values: values, layer: layer, on: worker)
        worker.barrier()
        _ = SealPass(batch: batch, layer: layer, worker: worker).run()
    }

    /// Makes the rows, written in every layer, part of their sources.
    ///
    /// - Throws: `CacheError.ioFailed` and its like where a source on disk can't be had.
    package func commit() throws(CacheError) {
        try batch.finish()
        for (source, entry) in zip(sources, batch.entries) { source.commit(entry.rows.count) }
    }
}
