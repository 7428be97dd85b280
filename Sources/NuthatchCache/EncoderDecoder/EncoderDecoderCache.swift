package import NuthatchTensors

/// The two caches of one sequence of an encoder-decoder: what the decoder wrote, which grows, and its source, which is
/// filled once and replaced as a whole.
///
///     beginSource, { SourceBatch ... commit } ..., endSource       the encoder's output, projected by every layer
///     { target and CrossBatch in one pass } ...                    the decoder
///
/// A new source is a new beginning: the source that was there and what was decoded from it are forgotten together, so
/// no query ever sees another source than its own. `sourceGeneration` counts them. Forks share their source, whose
/// pages nobody writes to once it is complete; a fork that begins another one leaves it to the others. Under reserved
/// growth a pair that shares a source has no second reservation, and a new source may have to take one.
///
/// Not thread-safe: one owner at a time. On disk that holds for all pairs that share a source together, for they
/// share the frames that it is read into.
package final class EncoderDecoderCache {
    /// A query stands behind its source, and sees as far back as a cache is long.
    package static let mostSourceTokens = CacheLimits.tokenCount / 2

    package let plan: EncoderDecoderPlan
    /// What the decoder wrote.
    package let target: SequenceCache
    /// Sources begun so far.
    package private(set) var sourceGeneration = 0
    private(set) var source: SourceCache?
    /// The decoder's cross-attention.
    package let sourceLayers: [LayerGeometry]
    private let pool: PagePool

    /// - Throws: as `EncoderDecoderPlan`; `CacheError.outOfMemory` where pages reserved up front can't be had.
    package init(
        _ configuration: CacheConfiguration, targetLayers: [LayerGeometry], sourceLayers: [LayerGeometry],
        sourceCapacity: Int? = nil, pool: PagePool
    ) throws(CacheError) {
        plan = try EncoderDecoderPlan(
            configuration, targetLayers: targetLayers, sourceLayers: sourceLayers,
            sourceCapacity: sourceCapacity)
        target = try SequenceCache(configuration, layers: targetLayers, pool: pool)
        source = try SourceCache(plan.source, layers: sourceLayers, pool: pool)
        self.sourceLayers = sourceLayers
        self.pool = pool
    }

    private init(copying other: EncoderDecoderCache, target: SequenceCache) {
        plan = other.plan
        self.target = target
        sourceGeneration = other.sourceGeneration
        source = other.source
        sourceLayers = other.sourceLayers
        pool = other.pool
    }

    /// The tokens of the complete source; nil while there is none.
    package var sourceTokens: [TokenID]? { source.flatMap { $0.isComplete ? $0.tokens : nil } }

    /// Tokens of the complete source; nil while there is none.
    package var sourceTokenCount: Int? { sourceTokens?.count }

    /// Bytes of all pages in memory, used or reserved; a shared source counts in every pair that shares it.
    package var byteCount: Int { target.byteCount + (source?.cache.byteCount ?? 0) }

    // MARK: The source

    /// Begins a source, in place of the one that was there and of what was decoded from it.
    ///
    /// - Throws: `CacheError.emptySource`; `CacheError.full` beyond what was reserved; `CacheError.outOfMemory` where
    ///   others go on with the reservation. Then nothing has changed.
    package func beginSource(_ tokens: [TokenID]) throws(CacheError) {
        let tokenCount = tokens.count
        guard tokenCount > 0 else { throw .emptySource }
        var capacity = Self.mostSourceTokens
        if case .reserved(let reserved) = plan.source.configuration.growth {
            capacity = min(capacity, reserved)
        }
        guard tokenCount <= capacity else { throw .full(capacity: capacity, asked: tokenCount) }
        let isOwn = isKnownUniquelyReferenced(&source)
        guard let next = isOwn ? source : try SourceCache(plan.source, layers: sourceLayers, pool: pool)
        else {
            return
        }
        next.begin(tokens)
        source = next
        sourceGeneration += 1
        target.reset()
    }

    /// Ends it: from now on it can be read.
    ///
    /// - Throws: `CacheError.incompleteSource` unless all its tokens were committed.
    package func endSource() throws(CacheError) {
        guard let source else { throw .incompleteSource(filled: 0, tokenCount: 0) }
        try source.end()
    }

    /// The source, to read.
    ///
    /// - Throws: `CacheError.incompleteSource` before its end.
    func completeSource() throws(CacheError) -> SourceCache {
        guard let source, source.isComplete else { throw missingSource }
        return source
    }

    /// Says how much of a source is there that is not complete.
    package var missingSource: CacheError { source?.missing ?? .incompleteSource(filled: 0, tokenCount: 0) }

    /// What is held of the source; nil while there is no complete one.
    package var sourceContents: SequenceCache? { source.flatMap { $0.isComplete ? $0.cache : nil } }

    /// Reads a layer's source back, as queries read it.
    ///
    /// - Throws: as `SequenceCache.read`; `CacheError.incompleteSource` before its end.
    package func readSource(layer: Int) throws(CacheError) -> SequenceCache.LayerContents {
        try completeSource().cache.read(layer: layer)
    }

    // MARK: The target

    /// Forgets what was decoded from the end, so that `count` tokens remain; the source stays.
    package func truncate(to count: Int) -> Rewind { target.truncate(to: count) }

    /// Waits until all pages that go to disk are there, as `SequenceCache.finishTransfers`.
    package func finishTransfers() throws(CacheError) {
        try target.finishTransfers()
        try source?.cache.finishTransfers()
    }

    /// Forgets both.
    package func reset() {
        target.reset()
        if isKnownUniquelyReferenced(&source) { source?.begin([]) } else { source = nil }
    }
}

extension EncoderDecoderCache: SequenceRow {
    /// Another pair with the same content, which shares the source.
    ///
    /// - Throws: as `SequenceCache.fork`; `CacheError.incompleteSource` while a source is being filled.
    package func fork() throws(CacheError) -> EncoderDecoderCache {
        if let forkRefusal { throw forkRefusal }
        return EncoderDecoderCache(copying: self, target: try target.fork())
    }

    /// A source that is still written to can't be shared.
    package var forkRefusal: CacheError? {
        source.flatMap { $0.tokenCount > 0 && !$0.isComplete ? $0.missing : nil }
    }

    package var canBecome: Bool { target.canBecome }

    package func become(forkOf origin: EncoderDecoderCache) {
        target.become(forkOf: origin.target)
        source = origin.source
        sourceGeneration += 1
    }

    package func count(in census: inout PageCensus) {
        target.count(in: &census)
        source?.cache.count(in: &census)
    }
}
