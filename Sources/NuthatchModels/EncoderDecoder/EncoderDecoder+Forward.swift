package import NuthatchCache
package import NuthatchTensors

extension EncoderDecoder {
    /// One pass over the next tokens of some answers, as `Decoder.forward`: each row sees what its cache holds of the
    /// answer, the rows before it in its entry, and all of its source.
    ///
    /// An answer begins with `specification.start.token`.
    ///
    /// - Parameters:
    ///   - tokens: the rows' tokens, entry after entry.
    ///   - entries: which rows belong to which cache, whose source is there; together all rows, in order.
    ///   - logits: the rows to compute logits for.
    /// - Returns: logits, [row asked for, vocabulary], in the workspace: valid until its next pass.
    @discardableResult
    package func forward(
        _ tokens: ArraySlice<TokenID>, entries: [CrossBatch.Entry], logits: LogitRows = .last,
        workspace: EncoderDecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try check(workspace)
        for entry in entries { try check(entry.cache) }
        defer { workspace.endPass() }
        return try decoder.forward(
            tokens, entries: workspace.targetEntries(entries),
            sourceLayers: sourceLayers, sourceEntries: entries, logits: logits, workspace: workspace.decoder,
            pool: pool)
    }

    func check(_ workspace: EncoderDecoderWorkspace) throws(ModelError) {
        guard workspace.fits(specification) else {
            throw .invalidBatch(reason: "the workspace was made for another model")
        }
    }

    /// Whether a cache was made for this model, and keeps what it can make use of.
    func check(_ cache: EncoderDecoderCache) throws(ModelError) {
        // Sources have the same heads as what is written.
        guard cache.sourceLayers == decoder.layerGeometries, cache.target.layers == decoder.layerGeometries
        else { throw .layersDiffer }
        try specification.checkRetention(of: cache.target.plan, family: family)
    }
}

extension EncoderDecoderSpecification {
    /// Whether the decoder has what a cache's retentions ask of it.
    ///
    /// Of queries that rotary angles turn, sinks at positions in the cache ask that they turn to another position too.
    /// Here positions are added to the embedding, or are distances that a bias is looked up by.
    package func checkRetention(of plan: CachePlan, family: String) throws(ModelError) {
        for (index, layer) in plan.layers.enumerated() {
            switch layer.retention {
            case .compressive: throw .withoutMemoryGates(family: family, layer: index)
            case .sinks(_, _, .inCache): throw .fixedPositions(family: family, layer: index)
            case .full, .window, .sinks(_, _, .trueDistance): continue
            }
        }
    }
}
