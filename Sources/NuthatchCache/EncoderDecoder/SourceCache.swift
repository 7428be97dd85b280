import NuthatchTensors

/// The keys and values of one source, written once and then only read: by its pair of caches and all forks of it.
final class SourceCache {
    let cache: SequenceCache
    /// The source's tokens, those still to come included; empty for none.
    private(set) var tokens: [TokenID] = []
    var tokenCount: Int { tokens.count }
    /// Whether all of them are there and nothing is written any more.
    private(set) var isComplete = false

    init(_ plan: CachePlan, layers: [LayerGeometry], pool: PagePool) throws(CacheError) {
        cache = try SequenceCache(plan.configuration, layers: layers, pool: pool)
    }

    /// Forgets the source that was there; room for the new one is had as it comes.
    func begin(_ tokens: [TokenID]) {
        cache.reset()
        self.tokens = tokens
        isComplete = false
    }

    /// Makes the next tokens, written in every layer, part of the source.
    func commit(_ count: Int) { cache.commit(tokens[cache.tokenCount...].prefix(count)) }

    /// - Throws: `CacheError.incompleteSource`.
    func end() throws(CacheError) {
        guard tokenCount > 0, cache.tokenCount == tokenCount else { throw missing }
        isComplete = true
    }

    var missing: CacheError { .incompleteSource(filled: cache.tokenCount, tokenCount: tokenCount) }
}
