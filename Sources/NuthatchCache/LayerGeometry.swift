/// One decoder layer's cache, described.
package struct LayerGeometry: Sendable, Hashable {
    package var kvHeadCount: Int
    package var keyDimension: Int
    package var valueDimension: Int
    package var values: ValuePlace
    package var retention: Retention

    /// Whether the model gives the layer a window.
    package var hasWindow: Bool { if case .window = retention { true } else { false } }

    /// Where values are held.
    package enum ValuePlace: Sendable, Hashable {
        /// Beside the keys.
        case ownPlane
        /// In the keys: a value is the first `valueDimension` numbers of its key, and is held once (the latents of
        /// DeepSeek-V2, arXiv:2405.04434).
        case firstKeyColumns
    }

    package init(
        kvHeadCount: Int, keyDimension: Int, valueDimension: Int, values: ValuePlace = .ownPlane,
        retention: Retention
    ) {
        self.kvHeadCount = kvHeadCount
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
        self.values = values
        self.retention = retention
    }

    /// Numbers held for each token, over all heads.
    package var numbersPerToken: Int {
        switch values {
        case .ownPlane: kvHeadCount * (keyDimension + valueDimension)
        case .firstKeyColumns: kvHeadCount * keyDimension
        }
    }

    /// - Throws: `CacheError.invalidConfiguration`, naming the layer, the property and its limits.
    func validate(layer: Int) throws(CacheError) {
        try Self.validate(kvHeadCount, "key-value heads", limit: CacheLimits.kvHeadCount, layer: layer)
        try Self.validate(keyDimension, "key dimensions", limit: CacheLimits.headDimension, layer: layer)
        try Self.validate(valueDimension, "value dimensions", limit: CacheLimits.headDimension, layer: layer)
        guard values == .ownPlane || valueDimension <= keyDimension else {
            throw .invalidConfiguration(
                reason:
                    "Layer \(layer) has values of \(valueDimension) dimensions as the first of its keys, which have "
                    + "\(keyDimension).",
                remedy: "Check the model's configuration; its file may be damaged.")
        }
        try retention.validate("Layer \(layer)")
    }

    private static func validate(_ count: Int, _ what: String, limit: Int, layer: Int) throws(CacheError) {
        guard !(1...limit).contains(count) else { return }
        throw .invalidConfiguration(
            reason: "Layer \(layer) has \(count) \(what); a cache takes 1 to \(limit).",
            remedy: "Check the model's configuration; its file may be damaged.")
    }
}
