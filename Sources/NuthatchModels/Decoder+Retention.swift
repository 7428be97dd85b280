package import NuthatchCache

extension Decoder {
    /// Whether this decoder has what a cache's retentions ask of it; asked of each entry before anything changes.
    func checkRetention(of cache: SequenceCache) throws(ModelError) {
        try specification.checkRetention(of: cache.plan, family: family)
    }
}

extension DecoderSpecification {
    /// Whether such a decoder has what a cache's retentions ask of it.
    ///
    /// Sinks at positions in the cache ask for queries that can be turned to another position than their token's.
    /// Positions that are added to the embedding are fixed before the first layer, and latent attention folds what
    /// turns into its queries once.
    package func checkRetention(of plan: CachePlan, family: String) throws(ModelError) {
        guard plan.distantLimit != nil, !attention.hasMemoryGates else { return }
        for (index, layer) in plan.layers.enumerated() {
            if case .compressive = layer.retention { throw .withoutMemoryGates(family: family, layer: index) }
            if case .sinks(_, _, .inCache) = layer.retention, hasFixedPositions {
                throw .fixedPositions(family: family, layer: index)
            }
        }
    }

    private var hasFixedPositions: Bool {
        embedding.positions != nil || attention.latent != nil
    }
}
