/// What a pair of caches of an encoder-decoder costs in bytes (law L2), and how each of them is configured.
///
/// The target is what the decoder has written so far, the source what it translates, sums up or answers. Both hold
/// keys and values alike; the source keeps every position, and no residual: it is complete before it is read, so
/// its full pages are read in sealed form by every query.
package struct EncoderDecoderPlan: Sendable, Hashable {
    /// The plan of the self-attention cache.
    package let target: CachePlan
    /// The plan of the cross-attention cache.
    package let source: CachePlan

    /// - Parameters:
    ///   - targetLayers: the decoder's self-attention, layer by layer.
    ///   - sourceLayers: its cross-attention; keeps everything.
    ///   - sourceCapacity: the longest source to come, in tokens; needed where pages are reserved up front.
    /// - Throws: `CacheError.invalidConfiguration`.
    package init(
        _ configuration: CacheConfiguration, targetLayers: [LayerGeometry], sourceLayers: [LayerGeometry],
        sourceCapacity: Int? = nil
    ) throws(CacheError) {
        for (index, layer) in sourceLayers.enumerated() where layer.retention != .full {
            throw .invalidConfiguration(
                reason: "Layer \(index) keeps a part of its source only; a decoder looks at all of it.",
                remedy: "Describe cross-attention with full retention.")
        }
        target = try CachePlan(configuration, layers: targetLayers)
        source = try CachePlan(configuration.forSource(capacity: sourceCapacity), layers: sourceLayers)
    }

    /// Bytes of one pair now: a complete source, and a target as `CachePlan.byteCount` has it. Forks share their
    /// source.
    package func byteCount(sourceTokenCount: Int, targetTokenCount: Int, newTokenCount: Int = 0) -> Int? {
        sum(
            source.byteCount(tokenCount: sourceTokenCount),
            target.byteCount(tokenCount: targetTokenCount, newTokenCount: newTokenCount))
    }

    /// The most bytes pairs take at once, each with a source of `sourceLength` tokens and a target that grows to
    /// `targetLength`, sharing nothing.
    package func peakByteCount(sourceLength: Int, targetLength: Int, pairCount: Int = 1) -> Int? {
        sum(
            source.peakByteCount(contextLength: sourceLength, sequenceCount: pairCount),
            target.peakByteCount(contextLength: targetLength, sequenceCount: pairCount))
    }

    private func sum(_ left: Int?, _ right: Int?) -> Int? {
        guard let left, let right else { return nil }
        return (ByteCount(left, times: 1) + ByteCount(right, times: 1)).value
    }
}

extension CacheConfiguration {
    /// This configuration for a source: no residual, no rewind and no other retention than all of it.
    func forSource(capacity: Int?) throws(CacheError) -> CacheConfiguration {
        var growth = Growth.dynamic
        if self.growth != .dynamic {
            guard let capacity else {
                throw .invalidConfiguration(
                    reason: "A cache whose pages are reserved up front has to know its longest source.",
                    remedy: "Say how many tokens a source has at most, or let the cache grow on demand.")
            }
            growth = .reserved(tokenCount: capacity)
        }
        return try CacheConfiguration(
            keyStorage: keyStorage, valueStorage: valueStorage, residualStorage: residualStorage,
            rotation: rotation, placement: placement, growth: growth, pageLength: pageLength,
            chunkLength: chunkLength)
    }
}
