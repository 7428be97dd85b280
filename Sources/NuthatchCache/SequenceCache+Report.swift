extension SequenceCache {
    /// One layer's cache in numbers.
    package struct LayerReport: Equatable, Sendable {
        package let layer: Int
        package let retention: Retention
        package let keyStorage: Storage
        package let valueStorage: Storage
        /// Pages in use, and reserved besides.
        package let pageCount: Int
        package let sparePageCount: Int
        package let tokensSeen: Int
        /// Tokens whose keys and values are still there.
        package let tokensKept: Int
        /// Of all pages, reserved ones included.
        package let byteCount: Int
        /// Of a full page, padding included.
        package let bitsPerValue: Double
    }

    /// Every layer's cache in numbers.
    package var report: [LayerReport] {
        layerCaches.enumerated().map { index, layer in
            LayerReport(
                layer: index, retention: layer.geometry.retention, keyStorage: layer.layout.keyStorage,
                valueStorage: layer.layout.valueStorage, pageCount: layer.pageCount,
                sparePageCount: layer.byteCount / layer.layout.byteCount - layer.pageCount,
                tokensSeen: tokenCount, tokensKept: tokenCount - min(layer.firstHeldPosition, tokenCount),
                byteCount: layer.byteCount, bitsPerValue: layer.layout.bitsPerValue)
        }
    }
}
