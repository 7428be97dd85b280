import NuthatchCache

extension Decoder {
    /// Whether this decoder has what a cache's retentions ask of it; asked of each entry before anything changes.
    ///
    /// Sinks at positions in the cache ask for queries that can be turned to another position than their token's.
    /// Positions that are added to the embedding are fixed before the first layer, and latent attention folds what
    /// turns into its queries once.
    func checkRetention(of cache: SequenceCache) throws(ModelError) {
        guard cache.plan.distantLimit != nil, !specification.attention.hasMemoryGates else { return }
        for (index, layer) in cache.plan.layers.enumerated() {
            if case .compressive = layer.retention { throw .withoutMemoryGates(family: family, layer: index) }
            if case .sinks(_, _, .inCache) = layer.retention, hasFixedPositions {
                throw .fixedPositions(family: family, layer: index)
            }
        }
    }

    private var hasFixedPositions: Bool {
        specification.embedding.positions != nil || specification.attention.latent != nil
    }
}
