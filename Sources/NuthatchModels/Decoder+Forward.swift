package import NuthatchCache
package import NuthatchTensors

/// Which rows of a pass give logits.
package enum LogitRows: Sendable {
    case none
    /// The last row of each entry, in the entries' order.
    case last
    case all
}

extension Decoder {
    /// One pass over the next tokens of some sequences.
    ///
    /// Everything that can fail comes first: when this throws, no cache has changed. When it returns, every
    /// cache has committed its rows.
    ///
    /// - Parameters:
    ///   - tokens: the rows' tokens, entry after entry.
    ///   - entries: which rows belong to which cache; together all rows, in order. Each row attends to what its cache
    ///     holds and to the rows before it in its entry.
    ///   - images: those that some of the rows are of, and any others: rows at an image's positions begin with its
    ///     vectors, whatever their tokens.
    ///   - logits: the rows to compute logits for.
    ///   - observer: looks on where there is one entry.
    /// - Returns: logits, [row asked for, vocabulary], in the workspace: valid until its next pass.
    @discardableResult
    package func forward(
        _ tokens: ArraySlice<TokenID>, entries: [CacheBatch.Entry], images: [PlacedImage] = [],
        logits: LogitRows = .last, observer: PassObserver? = nil, workspace: DecoderWorkspace,
        pool: WorkerPool
    ) throws(ModelError) -> Rows {
        for entry in entries { try checkRetention(of: entry.cache) }
        try check(images, entries)
        return try stack.forward(
            tokens, entries: entries, images: images, logits: logits, observer: observer,
            workspace: workspace,
            pool: pool)
    }

    /// Feeds a sequence's next tokens in chunks, whose length never shows in the numbers (law L1).
    ///
    /// - Returns: the logits of the last token, [1, vocabulary], in the workspace: valid until its next pass.
    /// - Throws: as `forward`; tokens of chunks before the one that failed stay in the cache.
    @discardableResult
    package func prefill(
        _ tokens: ArraySlice<TokenID>, into cache: SequenceCache, images: [PlacedImage] = [],
        chunkLength: Int = DecoderWorkspace.defaultRowCount, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        guard let last = tokens.indices.last else { throw .invalidBatch(reason: "there are no tokens") }
        let (end, overflow) = cache.tokenCount.addingReportingOverflow(tokens.count)
        try context.check(overflow ? .max : end, in: cache.plan)
        let length = max(min(chunkLength, workspace.maximumRowCount, cache.configuration.chunkLength), 1)
        var start = tokens.startIndex
        while last - start >= length {
            let chunk = tokens[start..<start + length]
            try forward(
                chunk, entries: [CacheBatch.Entry(cache: cache, rows: 0..<length)], images: images,
                logits: .none,
                workspace: workspace, pool: pool)
            start += length
        }
        let rest = tokens[start...]
        return try forward(
            rest, entries: [CacheBatch.Entry(cache: cache, rows: 0..<rest.count)], images: images,
            workspace: workspace, pool: pool)
    }
}
