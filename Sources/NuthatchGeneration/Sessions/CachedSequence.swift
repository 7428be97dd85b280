package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

/// A token sequence whose keys and values are cached.
///
/// Of an encoder-decoder it is the answer's, whose source is read before it.
///
/// Not thread-safe: lives on the engine thread of its model.
package final class CachedSequence {
    package let cache: SequenceCache
    /// The tokens the cache holds.
    package var tokens: [TokenID] { cache.content.tokens }
    /// Tokens of the source that they answer; empty where none was read, and in decoders.
    package var source: [TokenID] {
        if case .encoderDecoder(_, _, let pair) = computation { pair.sourceTokens ?? [] } else { [] }
    }
    /// How many tokens it may have.
    package let limit: SequenceLimit
    private let computation: Computation
    private let pool: WorkerPool
    private let pages: PagePool
    /// The entry of this sequence alone: a list kept from pass to pass.
    private var entries: [PassEntry] = []

    private enum Computation {
        case decoder(Decoder, DecoderWorkspace)
        case encoderDecoder(EncoderDecoder, EncoderDecoderWorkspace, EncoderDecoderCache)
    }

    /// An empty sequence of a model's.
    ///
    /// - Parameter neighbour: shares its workspace and page pool with this one, so that both can be computed in one
    ///   pass; nil makes new ones.
    package init(
        model: LanguageModel, cache options: CacheOptions, besides neighbour: CachedSequence? = nil
    ) throws(NuthatchError) {
        do {
            pool = model.workers
            pages = neighbour?.pages ?? PagePool(byteBudget: model.kvByteBudget)
            switch model.network {
            case .decoder(let decoder):
                cache = try SequenceCache(
                    try options.configuration(
                        layers: decoder.layerGeometries, context: decoder.context),
                    layers: decoder.layerGeometries, pool: pages)
                computation = .decoder(
                    decoder, try neighbour?.decoderWorkspace ?? DecoderWorkspace(for: decoder))
            case .encoderDecoder(let encoderDecoder):
                let configuration = try options.configuration(
                    of: encoderDecoder.specification, context: encoderDecoder.context,
                    family: encoderDecoder.family)
                let pair = try encoderDecoder.makeCache(
                    configuration.answer, sourceCapacity: configuration.sourceCapacity, pool: pages)
                cache = pair.target
                computation = .encoderDecoder(
                    encoderDecoder,
                    try neighbour?.pairWorkspace ?? EncoderDecoderWorkspace(for: encoderDecoder), pair)
            }
            limit = try model.network.context.limit(in: cache.plan)
        } catch let error as NuthatchError {
            throw error
        } catch let error as any ExplainedError {
            throw NuthatchError(error)
        } catch {
            throw NuthatchError(code: .internalFault, message: "\(error)", cause: error)
        }
    }

    /// The most rows of a pass.
    var maximumRowCount: Int {
        switch computation {
        case .decoder(_, let workspace): workspace.maximumRowCount
        case .encoderDecoder(_, let workspace, _): workspace.maximumRowCount
        }
    }

    private var decoderWorkspace: DecoderWorkspace? {
        if case .decoder(_, let workspace) = computation { workspace } else { nil }
    }

    private var pairWorkspace: EncoderDecoderWorkspace? {
        if case .encoderDecoder(_, let workspace, _) = computation { workspace } else { nil }
    }

    /// What is held of the source; nil in decoders and while there is none.
    package var sourceCache: SequenceCache? {
        if case .encoderDecoder(_, _, let pair) = computation { pair.sourceContents } else { nil }
    }

    /// Numbers of keys and of values that were beyond the largest of their storage; the source's included.
    var saturatedCounts: (keys: Int, values: Int) {
        let own = cache.saturatedCounts
        guard let source = sourceCache?.saturatedCounts else { return own }
        return (own.keys + source.keys, own.values + source.values)
    }

    /// Bytes of keys and values held now.
    package var byteCount: Int {
        switch computation {
        case .decoder: cache.byteCount
        case .encoderDecoder(_, _, let pair): pair.byteCount
        }
    }

    /// Reads the source of an encoder-decoder's answer, in one pass, in place of the one that was there and of what was
    /// answered to it. Does nothing where that is the same one.
    ///
    /// - Returns: how many of its tokens the cache held before: all or none.
    package func read(source next: [TokenID]) throws(ModelError) -> Int {
        guard case .encoderDecoder(let model, let workspace, let pair) = computation else {
            throw .invalidBatch(reason: "a decoder reads no source")
        }
        guard next != source else { return next.count }
        do {
            try model.encode([.init(tokens: next, cache: pair)], workspace: workspace, pool: pool)
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
        truncate(to: min(cache.content.commonPrefix(with: prompt), prompt.tokenCount - 1))
    }

    /// Forgets tokens from the end.
    ///
    /// - Returns: how many are left: `count`, or fewer where the cache can't go back as far.
    package func truncate(to count: Int) -> Int {
        _ = cache.truncate(to: min(max(count, 0), cache.tokenCount))
        return cache.tokenCount
    }

    /// Saves the cache to a file.
    package func save(to path: String, of model: LanguageModel) throws(CacheError) {
        try cache.save(to: path, identity: try identity(of: model))
    }

    /// Takes the cache from a file; as it was where that is refused.
    package func restore(from path: String, of model: LanguageModel) throws(CacheError) {
        try cache.restore(from: path, identity: try identity(of: model))
    }

    private func identity(of model: LanguageModel) throws(CacheError) -> SnapshotIdentity {
        guard case .decoder(let decoder, _) = computation else {
            throw .invalidConfiguration(
                reason: "A saved cache holds one text; an encoder-decoder has a source beside its answer.",
                remedy: "Read the source again: that is one pass.")
        }
        return model.snapshotIdentity(of: decoder, cache.plan)
    }

    /// Forgets everything.
    package func reset() {
        switch computation {
        case .decoder: cache.reset()
        case .encoderDecoder(_, _, let pair): pair.reset()
        }
    }

    /// Takes over keys and values of tokens behind what is cached.
    package func append(_ next: [TokenID], contents: [SequenceCache.LayerContents]) throws(CacheError) {
        let attention =
            switch computation {
            case .decoder(_, let workspace): workspace.attention
            case .encoderDecoder(_, let workspace, _): workspace.decoder.attention
            }
        try cache.append(contents, tokens: next, workspace: attention, pool: pool)
    }

    /// Computes tokens behind what is cached in one pass; `compute` takes any number of them.
    ///
    /// - Parameters:
    ///   - next: at most `maximumRowCount`.
    ///   - images: those that some of these tokens are of, and any others.
    ///   - logits: the tokens to compute logits for.
    ///   - observer: what else the pass is asked to hand out.
    /// - Returns: logits, [token asked for, vocabulary], valid until the next pass.
    @discardableResult
    package func forward(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = [], logits: LogitRows = .last,
        observer: PassObserver? = nil
    ) throws(ModelError) -> Rows {
        entries.removeAll(keepingCapacity: true)
        // What is computed is in the cache by then: nothing of it is kept alive here.
        defer { entries.removeAll(keepingCapacity: true) }
        switch computation {
        case .decoder(let decoder, let workspace):
            entries.append(PassEntry(cache, next, images: images, logits: logits))
            return try decoder.forward(entries, observer: observer, workspace: workspace, pool: pool)[0].get()
        case .encoderDecoder(let model, let workspace, let pair):
            entries.append(PassEntry(answering: pair, next, logits: logits))
            return try model.forward(entries, workspace: workspace, pool: pool)[0].get()
        }
    }

    /// Computes one more token of each of several sequences of a decoder in one pass; all share the first one's
    /// workspace.
    ///
    /// - Throws: what kept the first of them from it that was kept.
    package static func appendTogether(_ next: [(CachedSequence, TokenID)]) throws(ModelError) {
        guard let first = next.first?.0 else { throw .invalidBatch(reason: "there are no sequences") }
        guard case .decoder(let decoder, let workspace) = first.computation else {
            throw .invalidBatch(reason: "sequences of an encoder-decoder are computed one by one")
        }
        let outcomes = try decoder.forward(
            next.map { PassEntry($0.cache, [$1]) }, workspace: workspace, pool: first.pool)
        for outcome in outcomes { _ = try outcome.get() }
    }
}
