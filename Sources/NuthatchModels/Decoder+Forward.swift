package import NuthatchCache
package import NuthatchTensors

/// Which rows of a pass give logits.
package enum LogitRows: Sendable {
    case none
    /// The last row of each run, in the runs' order.
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
    ///   - tokens: the rows' tokens, run after run.
    ///   - runs: which rows belong to which cache; together all rows, in order. Each row attends to what its cache
    ///     holds and to the rows before it in its run.
    ///   - images: those that some of the rows are of, and any others: rows at an image's positions begin with its
    ///     vectors, whatever their tokens.
    ///   - logits: the rows to compute logits for.
    ///   - observer: looks on where there is one run.
    /// - Returns: logits, [row asked for, vocabulary], in the workspace: valid until its next pass.
    @discardableResult
    package func forward(
        _ tokens: ArraySlice<TokenID>, runs: [CacheBatch.Run], images: [PlacedImage] = [],
        logits: LogitRows = .last, observer: PassObserver? = nil, workspace: DecoderWorkspace,
        pool: WorkerPool
    ) throws(ModelError) -> Rows {
        for run in runs { try checkRetention(of: run.cache) }
        try check(images, runs)
        return try stack.forward(
            tokens, runs: runs, images: images, logits: logits, observer: observer, workspace: workspace,
            pool: pool)
    }
}
