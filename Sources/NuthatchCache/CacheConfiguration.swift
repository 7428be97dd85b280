/// What a cache keeps, how it holds numbers, and how it grows: a value that cannot be invalid.
package struct CacheConfiguration: Sendable, Equatable {
    package var keyStorage: Storage
    package var valueStorage: Storage
    package var growth: Growth
    /// Slots per page; a multiple of 16.
    package var pageLength: Int

    package init(
        keyStorage: Storage = .f16, valueStorage: Storage = .f16, growth: Growth = .dynamic,
        pageLength: Int = 64
    ) throws(CacheError) {
        self.keyStorage = keyStorage
        self.valueStorage = valueStorage
        self.growth = growth
        self.pageLength = pageLength
    }
}

/// How a page holds its numbers.
package enum Storage: String, CaseIterable, Sendable {
    case f32, f16, bf16
}

/// How pages are obtained.
package enum Growth: Sendable, Equatable {
    /// On demand.
    case dynamic
    /// Reserved up front for this many tokens; never grows.
    case reserved(tokenCount: Int)
}

/// Which positions a layer keeps.
package enum Retention: Sendable, Equatable {
    /// Every position.
    case full
    /// The query's own position and the `length - 1` before it.
    case window(length: Int)
}

/// One decoder layer's cache, described.
package struct LayerGeometry: Sendable, Equatable {
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
}
