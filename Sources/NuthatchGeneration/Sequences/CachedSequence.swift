package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

/// A handle on one sequence of a model's: its cache, and what computes it.
///
/// Of an encoder-decoder it is the answer's, whose source is read before it.
///
/// Not thread-safe: lives on the engine thread of its model. While tokens are computed (`compute`, `generate`) it is the
/// engine's. Between that its pages may be given up for others, and it has its tokens still: those are found or computed again
/// with the next ones.
package final class CachedSequence {
    package let cache: SequenceCache
    /// `cache` with the source that it answers, in an encoder-decoder.
    private let pair: EncoderDecoderCache?
    /// How many tokens it may have.
    package let limit: SequenceLimit
    let engine: Engine
    let runner: NetworkRunner
    private let model: LanguageModel
    private var knownCost: SequenceCost?
    /// What its pages stand on in the prefix store; nil in encoder-decoders, whose answers are to a source.
    let root: PrefixRoot?
    /// What the cache held when its pages were given up; nil while it holds that.
    var emptied: SequenceContent?
    /// Whether the store may hold pages of its own that its cache doesn't.
    var wasEmptied = false
    /// Numbers beyond their storage that were counted before pages were given up.
    var earlierSaturation = (keys: 0, values: 0)
    /// The entry of this sequence alone: a list kept from pass to pass for its room.
    private var entries: [PassEntry] = []

    /// An empty sequence of a model's.
    ///
    /// - Parameter sharing: who else may go on from what it computes, and from whose it may.
    package init(
        model: LanguageModel, cache options: CacheOptions, sharing: PrefixSharing = .private
    ) throws(NuthatchError) {
        self.model = model
        engine = model.engine
        runner = model.runner
        do {
            switch model.network {
            case .decoder(let decoder):
                cache = try SequenceCache(
                    try options.configuration(
                        layers: decoder.layerGeometries, context: decoder.context),
                    layers: decoder.layerGeometries, pool: model.engine.pages)
                pair = nil
                root = PrefixRoot(sharing, model: model, decoder: decoder, plan: cache.plan)
            case .encoderDecoder(let encoderDecoder):
                let configuration = try options.configuration(
                    of: encoderDecoder.specification, context: encoderDecoder.context,
                    family: encoderDecoder.family)
                let pair = try encoderDecoder.makeCache(
                    configuration.answer, sourceCapacity: configuration.sourceCapacity,
                    pool: model.engine.pages)
                cache = pair.target
                self.pair = pair
                root = nil
            }
            limit = try model.network.context.limit(in: cache.plan)
        } catch {
            throw NuthatchError(explaining: error)
        }
    }

    /// The sequence's tokens and images, whether or not their keys and values are there now.
    package var content: SequenceContent { emptied ?? cache.content }

    package var tokens: [TokenID] { emptied?.tokens ?? cache.content.tokens }

    /// Whether keys and values of its tokens were given up.
    var isEmptied: Bool { emptied != nil }

    /// Tokens of the source that they answer; empty where none was read, and in decoders.
    package var source: [TokenID] { pair?.sourceTokens ?? [] }

    /// What is held of the source; nil in decoders and while there is none.
    package var sourceCache: SequenceCache? { pair?.sourceContents }

    /// Numbers of keys and of values that were beyond the largest of their storage; the source's included.
    var saturatedCounts: (keys: Int, values: Int) {
        var own = cache.saturatedCounts
        own = (max(own.keys, earlierSaturation.keys), max(own.values, earlierSaturation.values))
        guard let source = sourceCache?.saturatedCounts else { return own }
        return (own.keys + source.keys, own.values + source.values)
    }

    /// Bytes of keys and values held now.
    package var byteCount: Int { pair?.byteCount ?? cache.byteCount }

    /// What it takes, for the scheduler. What was reserved up front is taken already.
    func cost() throws(CacheError) -> SequenceCost {
        if let knownCost { return knownCost }
        let cost = try SequenceCost(
            cache.plan, rowCount: runner.maximumRowCount,
            isHeld: cache.configuration.growth != .dynamic)
        knownCost = cost
        return cost
    }

    private init(copying other: CachedSequence, cache: SequenceCache, pair: EncoderDecoderCache?) {
        self.cache = cache
        self.pair = pair
        model = other.model
        engine = other.engine
        runner = other.runner
        limit = other.limit
        knownCost = other.knownCost
        root = other.root
        emptied = other.emptied
        wasEmptied = other.wasEmptied
        earlierSaturation = other.earlierSaturation
    }

    deinit {
        if cache.tokenCount > 0 || cache.isInPrefixStore {
            engine.prefixes.release(cache, of: ObjectIdentifier(self))
        }
    }

    // MARK: Verbs

    /// Another sequence with the same content. Growing on demand the two share every page, and each further one is its own.
    ///
    /// - Throws: `CacheError.outOfMemory` where a reservation can't be had.
    package func fork() throws(CacheError) -> CachedSequence {
        if let pair {
            let twin = try pair.fork()
            return CachedSequence(copying: self, cache: twin.target, pair: twin)
        }
        let twin = CachedSequence(copying: self, cache: try cache.fork(), pair: nil)
        engine.prefixes.rest(twin, having: content)
        return twin
    }

    /// Reads the source of an encoder-decoder's answer, in one pass, in place of the one that was there and of what was
    /// answered to it. Does nothing where that is the same one.
    ///
    /// - Returns: how many of its tokens the cache held before: all or none.
    package func read(source next: [TokenID]) throws(ModelError) -> Int {
        guard let pair else { throw .invalidBatch(reason: "a decoder reads no source") }
        guard next != source else { return next.count }
        do {
            try runner.read(next, into: pair)
        } catch {
            // Where that failed halfway there is neither a source nor an answer.
            pair.reset()
            throw error
        }
        return 0
    }

    /// Rewinds to what the cache shares with `prompt`, leaving at least one token to compute.
    ///
    /// - Returns: how many of the prompt's tokens the cache now holds.
    package func rewind(toPrefixOf prompt: SequenceContent) -> Int {
        truncate(to: min(content.commonPrefix(with: prompt), prompt.tokenCount - 1))
    }

    /// Forgets tokens from the end.
    ///
    /// - Returns: how many are left: `count`, or fewer where the cache can't go back as far.
    package func truncate(to count: Int) -> Int {
        if var content = emptied {
            content.truncate(to: min(max(count, 0), content.tokenCount))
            emptied = content
            return content.tokenCount
        }
        // A page that is read back takes memory, which must not be had by emptying this sequence.
        let wasIdle = engine.prefixes.wake(self)
        defer { if wasIdle { engine.prefixes.rest(self, having: content) } }
        _ = cache.truncate(to: min(max(count, 0), cache.tokenCount))
        return cache.tokenCount
    }

    /// Forgets everything.
    package func reset() {
        emptied = nil
        earlierSaturation = (0, 0)
        if let pair { pair.reset() } else { cache.reset() }
    }

    /// Saves the cache to a file.
    package func save(to path: String) throws(CacheError) {
        try cache.save(to: path, identity: try identity())
    }

    /// Takes the cache from a file; as it was where that is refused.
    package func restore(from path: String) throws(CacheError) {
        try cache.restore(from: path, identity: try identity())
        emptied = nil
        engine.prefixes.wake(self)
        engine.prefixes.rest(self, having: cache.content)
    }

    private func identity() throws(CacheError) -> SnapshotIdentity {
        guard case .decoder(let decoder) = model.network else {
            throw .invalidConfiguration(
                reason: "A saved cache holds one text; an encoder-decoder has a source beside its answer.",
                remedy: "Read the source again: that is one pass.")
        }
        return model.snapshotIdentity(of: decoder, cache.plan)
    }

    /// Takes over keys and values of tokens behind what is cached.
    package func append(_ next: [TokenID], contents: [SequenceCache.LayerContents]) throws(CacheError) {
        try cache.append(contents, tokens: next, workspace: runner.attention, pool: engine.workers)
    }

    // MARK: Passes

    /// The next tokens as an entry of a pass.
    func entry(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = [], logits: LogitRows
    ) -> PassEntry {
        if let pair { return PassEntry(answering: pair, next, logits: logits) }
        return PassEntry(cache, next, images: images, logits: logits)
    }

    /// Computes tokens behind what is cached at once, in a pass of its own; `compute` takes any number of them, and shares its
    /// passes.
    ///
    /// - Parameters:
    ///   - next: as many as a pass has rows, at most.
    ///   - logits: the tokens to compute logits for.
    ///   - probe: what else the pass is asked to hand out.
    /// - Returns: logits, [token asked for, vocabulary], valid until the next pass.
    @discardableResult
    package func forward(
        _ next: ArraySlice<TokenID>, logits: LogitRows = .last, probe: PassProbe? = nil
    ) throws(ModelError) -> Rows {
        entries.append(entry(next, logits: logits))
        // What is computed is in the cache by then: nothing of it is kept alive here.
        defer { entries.removeAll(keepingCapacity: true) }
        return try runner.run(entries, probe: probe)[0].get()
    }
}
