extension SequenceCache {
    /// One layer's cache in numbers.
    package struct LayerReport: Equatable, Sendable {
        package let layer: Int
        package let retention: Retention
        package let keyStorage: Storage
        package let valueStorage: Storage
        package let placement: Placement
        /// Pages in use, and reserved besides.
        package let pageCount: Int
        /// Pages in use that are on disk.
        package let storedPageCount: Int
        package let sparePageCount: Int
        package let tokensSeen: Int
        /// Tokens whose keys and values are still there.
        package let tokensKept: Int
        /// Bytes of all pages, reserved ones included.
        package let byteCount: Int
        /// Bits of all pages in use, scales, offsets, padding and the open tail included, per number of the tokens
        /// kept; 0 for an empty layer.
        package let bitsPerValue: Double
        /// Numbers of keys, and of values, that were beyond the largest of their storage and stand there as that one,
        /// since the cache was last empty; those of a saved cache's file are not known.
        package let saturatedKeyCount: Int
        package let saturatedValueCount: Int
    }

    /// Every layer's cache in numbers.
    package var report: [LayerReport] {
        let saturated = saturation.layers
        return layerCaches.enumerated().map { index, layer in
            let storage = configuration.storage(of: layer.plan.geometry)
            return LayerReport(
                layer: index, retention: layer.plan.retention, keyStorage: storage.keys,
                valueStorage: storage.values, placement: configuration.placement,
                pageCount: layer.pageCount, storedPageCount: layer.storedPageCount,
                sparePageCount: layer.sparePageCount,
                tokensSeen: tokenCount, tokensKept: layer.keptPositions(tokenCount: tokenCount).count,
                byteCount: layer.byteCount, bitsPerValue: layer.bitsPerValue(tokenCount: tokenCount),
                saturatedKeyCount: saturated[index].keys, saturatedValueCount: saturated[index].values)
        }
    }

    /// Numbers of keys and of values, over all layers, that stand as the largest of their storage.
    package var saturatedCounts: (keys: Int, values: Int) {
        saturation.layers.reduce((0, 0)) { ($0.0 + $1.keys, $0.1 + $1.values) }
    }
}
