/// What a cache keeps, how it holds numbers, and how it grows: a value that cannot be invalid.
package struct CacheConfiguration: Sendable, Equatable {
    /// How keys are held.
    package let keyStorage: Storage
    /// How values are held.
    package let valueStorage: Storage
    /// How pages are obtained.
    package let growth: Growth
    /// Slots per page.
    package let pageLength: Int
    /// The most tokens one pass may bring where pages of window layers were reserved; unlimited elsewhere.
    package let chunkLength: Int
    /// How many tokens `SequenceCache.truncate` can always take back exactly, in window layers too: what a
    /// window layer keeps beyond its window. Layers of full history give back any number whatever this says.
    package let guaranteedRewind: Int

    /// Attention reads a page's keys as panels of 16 slots, four at a time (`attention_avx512.c`), so 64
    /// slots fill a tile. What a longer page would save is small by then: per page and query row attention
    /// pays one maximum, one correction and one rescaling of the accumulator, some 40 vector operations
    /// against 4 x (64 + 64) for 64 slots of 64 dimensions. What it would cost is not: the tail of a sequence
    /// is half empty on average, so every layer of every sequence wastes half a page, windows keep up to one
    /// page too much, and a fork copies up to one. A page of SmolLM2 (3 heads of 64 + 64, f16) is 48 KiB,
    /// twelve pages of memory.
    package static let defaultPageLength = 64

    /// What `Growth.reserved` sets aside for window layers when nothing else is said: the prompts' usual
    /// chunk.
    package static let defaultChunkLength = 512

    /// - Throws: `CacheError.invalidConfiguration`, naming the property and its limits.
    package init(
        keyStorage: Storage = .f16, valueStorage: Storage = .f16, growth: Growth = .dynamic,
        pageLength: Int = defaultPageLength, chunkLength: Int = defaultChunkLength, guaranteedRewind: Int = 0
    ) throws(CacheError) {
        let panelWidth = PageLayout.panelWidth
        guard pageLength % panelWidth == 0, (panelWidth...CacheLimits.pageLength).contains(pageLength) else {
            throw .invalidConfiguration(
                reason: "A page length of \(pageLength) slots is not a multiple of \(panelWidth) "
                    + "from \(panelWidth) to \(CacheLimits.pageLength).",
                remedy: "Use \(Self.defaultPageLength).")
        }
        if case .reserved(let tokenCount) = growth, !(1...CacheLimits.tokenCount).contains(tokenCount) {
            throw .invalidConfiguration(
                reason: "A reservation for \(tokenCount) tokens is not from 1 to \(CacheLimits.tokenCount).",
                remedy: "Reserve the context length you need, or let the cache grow on demand.")
        }
        guard (1...CacheLimits.tokenCount).contains(chunkLength) else {
            throw .invalidConfiguration(
                reason: "A chunk length of \(chunkLength) tokens is not from 1 to \(CacheLimits.tokenCount).",
                remedy: "Use \(Self.defaultChunkLength).")
        }
        guard (0...CacheLimits.tokenCount).contains(guaranteedRewind) else {
            throw .invalidConfiguration(
                reason: "A guaranteed rewind of \(guaranteedRewind) tokens is not from 0 to "
                    + "\(CacheLimits.tokenCount).",
                remedy: "Use 0, or the most tokens a pass may take back.")
        }
        self.keyStorage = keyStorage
        self.valueStorage = valueStorage
        self.growth = growth
        self.pageLength = pageLength
        self.chunkLength = chunkLength
        self.guaranteedRewind = guaranteedRewind
    }
}

/// How pages are obtained.
package enum Growth: Sendable, Equatable {
    /// On demand.
    case dynamic
    /// Reserved up front for this many tokens; never grows.
    case reserved(tokenCount: Int)
}

/// Sizes no cache exceeds. Within them the bytes of a page fit 40 bits, so nothing computed from one page
/// overflows.
package enum CacheLimits {
    package static let layerCount = 4_096
    package static let kvHeadCount = 4_096
    package static let headDimension = 4_096
    package static let pageLength = 4_096
    package static let tokenCount = 1 << 31
}
