/// One decoder layer's cache, described.
package struct LayerGeometry: Sendable, Hashable {
    package var kvHeadCount: Int
    package var keyDimension: Int
    package var valueDimension: Int
    package var retention: Retention

    package init(kvHeadCount: Int, keyDimension: Int, valueDimension: Int, retention: Retention) {
        self.kvHeadCount = kvHeadCount
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
        self.retention = retention
    }

    /// - Throws: `CacheError.invalidConfiguration`, naming the layer, the property and its limits.
    func validate(layer: Int) throws(CacheError) {
        try Self.validate(kvHeadCount, "key-value heads", limit: CacheLimits.kvHeadCount, layer: layer)
        try Self.validate(keyDimension, "key dimensions", limit: CacheLimits.headDimension, layer: layer)
        try Self.validate(valueDimension, "value dimensions", limit: CacheLimits.headDimension, layer: layer)
        try retention.validate("Layer \(layer)")
    }

    private static func validate(_ count: Int, _ what: String, limit: Int, layer: Int) throws(CacheError) {
        guard !(1...limit).contains(count) else { return }
        throw .invalidConfiguration(
            reason: "Layer \(layer) has \(count) \(what); a cache takes 1 to \(limit).",
            remedy: "Check the model's configuration; its file may be damaged.")
    }
}
