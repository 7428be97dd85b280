package import NuthatchCache
package import NuthatchTensors

extension EncoderDecoder {
    /// One pass over the next tokens of some answers, as `Decoder.forward`: each row sees what its cache holds of the
    /// answer, the rows before it in its run, and all of its source.
    ///
    /// An answer begins with `specification.start.token`.
    ///
    /// - Parameters:
    ///   - tokens: the rows' tokens, run after run.
    ///   - runs: which rows belong to which cache, whose source is there; together all rows, in order.
    ///   - logits: the rows to compute logits for.
    /// - Returns: logits, [row asked for, vocabulary], in the workspace: valid until its next pass.
    @discardableResult
    package func forward(
        _ tokens: ArraySlice<TokenID>, runs: [CrossBatch.Run], logits: LogitRows = .last,
        workspace: EncoderDecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try check(workspace)
        for run in runs { try check(run.cache) }
        return try decoder.forward(
            tokens, runs: runs.map { CacheBatch.Run(cache: $0.cache.target, rows: $0.rows) },
            sourceLayers: sourceLayers, sourceRuns: runs, logits: logits, workspace: workspace.decoder,
            pool: pool)
    }

    func check(_ workspace: EncoderDecoderWorkspace) throws(ModelError) {
        guard workspace.fits(specification) else {
            throw .invalidBatch(reason: "the workspace was made for another model")
        }
    }

    /// Whether a cache was made for this model, and keeps what it can make use of.
    func check(_ cache: EncoderDecoderCache) throws(ModelError) {
        guard cache.sourceLayers == specification.sourceGeometries,
            cache.target.layers == specification.targetGeometries
        else { throw .layersDiffer }
        for (index, layer) in cache.target.plan.layers.enumerated() {
            guard case .compressive = layer.retention else { continue }
            throw .withoutMemoryGates(family: family, layer: index)
        }
    }
}
