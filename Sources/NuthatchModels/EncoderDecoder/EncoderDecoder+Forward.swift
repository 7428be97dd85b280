package import NuthatchCache
package import NuthatchTensors

extension EncoderDecoder {
    /// One pass over the next tokens of some answers, as `Decoder.forward`: each row sees what its cache holds of the
    /// answer, the rows before it in its entry, and all of its source.
    ///
    /// An answer begins with `specification.start.token`.
    ///
    /// - Parameter entries: each answering a pair of its own, whose source is there.
    /// - Returns: what became of each entry, in their order.
    @discardableResult
    package func forward(
        _ entries: [PassEntry], workspace: EncoderDecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> [PassOutcome] {
        try check(workspace)
        return try decoder.forward(
            entries, sourceLayers: sourceLayers, workspace: workspace.decoder, pool: pool
        ) { entry throws(ModelError) in
            guard let pair = entry.pair else { throw .invalidBatch(reason: "an answer is to a source") }
            try check(pair)
            guard pair.sourceTokenCount != nil else { throw .cache(pair.missingSource) }
        }
    }

    /// One pass over the next tokens of one answer, as `Decoder.forward`.
    @discardableResult
    package func forward(
        _ entry: PassEntry, workspace: EncoderDecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try forward([entry], workspace: workspace, pool: pool)[0].get()
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
