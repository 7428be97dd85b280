import NuthatchCache

extension Decoder {
    /// Whether this decoder has what a cache's retentions ask of it; asked of each run before anything changes.
    ///
    /// Sinks at positions in the cache ask for queries that can be turned to another position than their token's.
    /// Rotary embeddings allow that, and every layer has one. A decoder whose positions are added to its embedding
    /// has fixed them before the first layer: where a specification has such layers, `SinkPositions.inCache` is to
    /// be refused here.
    func checkRetention(of cache: SequenceCache) throws(ModelError) {
        guard cache.plan.distantLimit != nil, !specification.attention.hasMemoryGates else { return }
        for (index, layer) in cache.plan.layers.enumerated() {
            guard case .compressive = layer.retention else { continue }
            throw .withoutMemoryGates(family: family, layer: index)
        }
    }
}
