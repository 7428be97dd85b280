package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

/// A token sequence whose keys and values are cached: the one place that keeps tokens and cache in step.
///
/// Invariant: `tokens.count == cache.tokenCount`, and the cache holds exactly the keys and values of `tokens`.
/// Not thread-safe: lives on the engine thread of its model.
package final class CachedSequence {
    package let decoder: Decoder
    package let cache: SequenceCache
    /// The tokens the cache holds.
    package private(set) var tokens: [TokenID] = []
    private let workspace: DecoderWorkspace
    private let pool: WorkerPool
    private let pages: PagePool
    /// The run of this sequence alone: a list kept from pass to pass.
    private var runs: [CacheBatch.Run] = []

    /// An empty sequence of a model's.
    ///
    /// - Parameter neighbour: shares its workspace and page pool with this one, so that both can be computed in one
    ///   pass; nil makes new ones.
    package init(
        model: LanguageModel, cache options: CacheOptions, besides neighbour: CachedSequence? = nil
    ) throws(NuthatchError) {
        do {
            decoder = model.decoder
            pool = model.workers
            workspace = try neighbour?.workspace ?? DecoderWorkspace(for: model.decoder)
            pages = neighbour?.pages ?? PagePool(byteBudget: model.kvByteBudget)
            cache = try SequenceCache(
                try options.configuration(
                    layers: model.decoder.layerGeometries, contextLength: model.contextLength),
                layers: model.decoder.layerGeometries, pool: pages)
        } catch let error as any ExplainedError {
            throw NuthatchError(error)
        } catch {
            throw NuthatchError(code: .internalFault, message: "\(error)", cause: error)
        }
    }

    /// Rewinds to what the cache shares with `prompt`, leaving at least one token to compute.
    ///
    /// - Parameter images: those among the prompt's tokens, which are equal where these are: tokens of unlike images
    ///   are not.
    /// - Returns: how many of the prompt's tokens the cache now holds.
    package func rewind(toPrefixOf prompt: [TokenID], images: [TokenGrid] = []) -> Int {
        var shared = zip(tokens, prompt).prefix { $0 == $1 }.count
        let cached = cache.grids.all
        let alike = zip(cached, images).prefix { $0 == $1 }.count
        for unlike in [cached.dropFirst(alike).first, images.dropFirst(alike).first] {
            shared = min(shared, unlike?.start ?? shared)
        }
        return truncate(to: min(shared, prompt.count - 1))
    }

    /// Forgets tokens from the end.
    ///
    /// - Returns: how many are left: `count`, or fewer where the cache can't go back as far.
    package func truncate(to count: Int) -> Int {
        var left = min(max(count, 0), tokens.count)
        if case .recompute(let from) = cache.truncate(to: left) { left = from }
        tokens.removeSubrange(left...)
        return left
    }

    /// Saves tokens and cache to a file.
    package func save(to path: String, of model: LanguageModel) throws(CacheError) {
        try cache.save(to: path, tokens: tokens, identity: model.snapshotIdentity(cache.plan))
    }

    /// Takes tokens and cache from a file; as it was where that is refused.
    package func restore(from path: String, of model: LanguageModel) throws(CacheError) {
        tokens = try cache.restore(from: path, identity: model.snapshotIdentity(cache.plan))
    }

    /// Forgets everything.
    package func reset() {
        cache.reset()
        tokens.removeAll(keepingCapacity: true)
    }

    /// Computes `next` behind what is cached, all at once.
    ///
    /// - Parameters:
    ///   - next: at most the workspace's chunk.
    ///   - images: those that some of these tokens are of, and any others.
    /// - Returns: the logits of the last token, [vocabulary], valid until the next call.
    package func append(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = []
    ) throws(ModelError) -> UnsafeMutableBufferPointer<Float> {
        let rows = try forward(next, images: images, logits: .last)
        return UnsafeMutableBufferPointer(start: rows[0], count: rows.columnCount)
    }

    /// The same; returns the logits of every one of them, [token, vocabulary].
    ///
    /// - Parameter observer: what else the pass is asked to hand out.
    package func appendAll(
        _ next: ArraySlice<TokenID>, observer: PassObserver? = nil
    ) throws(ModelError) -> Rows {
        try forward(next, images: [], logits: .all, observer: observer)
    }

    /// Takes over keys and values of tokens behind what is cached.
    package func append(_ next: [TokenID], contents: [SequenceCache.LayerContents]) throws(CacheError) {
        try cache.append(contents, newTokenCount: next.count, workspace: workspace.attention, pool: pool)
        tokens.append(contentsOf: next)
    }

    private func forward(
        _ next: ArraySlice<TokenID>, images: [PlacedImage], logits: LogitRows, observer: PassObserver? = nil
    ) throws(ModelError) -> Rows {
        runs.removeAll(keepingCapacity: true)
        runs.append(CacheBatch.Run(cache: cache, rows: 0..<next.count))
        let rows = try decoder.forward(
            next, runs: runs, images: images, logits: logits, observer: observer, workspace: workspace,
            pool: pool)
        tokens.append(contentsOf: next)
        return rows
    }

    /// Computes one more token of each of several sequences in one pass; all share the first one's workspace.
    ///
    /// - Returns: logits, [sequence, vocabulary], valid until the next call.
    @discardableResult
    package static func appendTogether(_ next: [(CachedSequence, TokenID)]) throws(ModelError) -> Rows {
        guard let first = next.first?.0 else { throw .invalidBatch(reason: "there are no sequences") }
        let runs = next.enumerated().map { row, pair in
            CacheBatch.Run(cache: pair.0.cache, rows: row..<row + 1)
        }
        let logits = try first.decoder.forward(
            next.map(\.1)[...], runs: runs, workspace: first.workspace, pool: first.pool)
        for (sequence, token) in next { sequence.tokens.append(token) }
        return logits
    }
}
