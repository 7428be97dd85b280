import NuthatchCache

/// What a session's cache holds, layer by layer. Every number was counted, none estimated.
public struct CacheReport: Sendable, Equatable {
    /// One layer's part.
    public struct Layer: Sendable, Equatable {
        /// The layer's number, from 0.
        public let index: Int
        /// How it holds keys.
        public let keys: CacheOptions.Storage
        /// How it holds values.
        public let values: CacheOptions.Storage
        /// Which positions it keeps.
        public let retention: CacheOptions.Retention
        /// Pages in use.
        public let pageCount: Int
        /// Pages in use that are on disk.
        public let storedPageCount: Int
        /// Pages reserved besides.
        public let sparePageCount: Int
        /// Tokens whose keys and values it was given.
        public let seenTokenCount: Int
        /// Tokens whose keys and values are still there.
        public let keptTokenCount: Int
        /// Bytes of all pages in memory, reserved ones included.
        public let byteCount: Int
        /// Bits of the pages in use for each number kept: scales, offsets, padding and the unfinished page included;
        /// 0 for an empty layer.
        public let bitsPerValue: Double
        /// Numbers kept: keys and values of all its heads; keys alone where values are their first columns (latent
        /// attention).
        public let valueCount: Int
        /// Numbers of keys that were beyond the largest of their storage (65504 in half floats, which pages to be
        /// quantised hold too) and stand there as that one, counted since the cache was last empty. Those of a saved
        /// cache are not known to the session that restored it.
        public let saturatedKeyCount: Int
        /// Numbers of values that were beyond the largest of their storage and stand there as that one, counted as for keys.
        public let saturatedValueCount: Int
    }

    /// How keys and values are held, and where full pages live.
    public let options: CacheOptions
    /// In the model's order.
    public let layers: [Layer]
    /// What an encoder-decoder's layers hold of the source, in their order; `layers` is then of the answer.
    public let sourceLayers: [Layer]

    /// Bytes in memory: the pages of all layers, and what they share to read pages back from disk.
    public let byteCount: Int

    /// Bits for each number kept, over all layers; 0 for an empty cache.
    public var bitsPerValue: Double {
        let layers = layers + sourceLayers
        let valueCount = layers.reduce(0) { $0 + $1.valueCount }
        guard valueCount > 0 else { return 0 }
        return layers.reduce(0) { $0 + $1.bitsPerValue * Double($1.valueCount) } / Double(valueCount)
    }

    package init(_ sequence: CachedSequence, options: CacheOptions) {
        self.options = options
        byteCount = sequence.byteCount
        layers = Self.layers(of: sequence.cache)
        sourceLayers = sequence.sourceCache.map(Self.layers) ?? []
    }

    private static func layers(of cache: SequenceCache) -> [Layer] {
        zip(cache.report, cache.layers).map { report, geometry in
            Layer(
                index: report.layer, keys: CacheOptions.Storage(report.keyStorage),
                values: CacheOptions.Storage(report.valueStorage),
                retention: CacheOptions.Retention(report.retention),
                pageCount: report.pageCount, storedPageCount: report.storedPageCount,
                sparePageCount: report.sparePageCount,
                seenTokenCount: report.tokensSeen, keptTokenCount: report.tokensKept,
                byteCount: report.byteCount, bitsPerValue: report.bitsPerValue,
                valueCount: report.tokensKept * geometry.numbersPerToken,
                saturatedKeyCount: report.saturatedKeyCount,
                saturatedValueCount: report.saturatedValueCount)
        }
    }
}
