import NuthatchCache
import NuthatchModels

/// What a sequence has of others, and gives up for them.
extension CachedSequence {
    /// Whether some of its tokens may be found in the prefix store.
    var looksForPrefixes: Bool { root.map { $0.isShared || wasEmptied } ?? false }

    /// Takes from the prefix store what that has of `content` beyond what the cache holds.
    ///
    /// - Parameters:
    ///   - found: what the store has of it.
    ///   - limit: the most tokens to take.
    /// - Throws: `CacheError` where pages can't be had or read; then the cache is empty.
    func attach(to content: SequenceContent, _ found: PrefixMatch, limit: Int) throws(CacheError) {
        guard let root else { return }
        let store = engine.prefixes.store
        if found.tokenCount > cache.tokenCount {
            _ = try store.attach(cache, to: content, root: root.name, limit: limit)
        } else if root.isShared, !cache.isInPrefixStore {
            store.join(cache, root: root.name)
        }
    }

    /// Gives up what can be computed again from its tokens, all but a source: full pages to the prefix store. What was
    /// reserved up front is nobody else's and stays.
    func preempt() {
        guard let root, cache.configuration.growth == .dynamic else { return cache.reset() }
        wasEmptied = true
        earlierSaturation = saturatedCounts
        engine.prefixes.store.keep(cache, root: root.name)
    }

    /// Gives up what it holds while nobody computes it; remembers what that was.
    func empty() { rest(having: content) }

    /// Goes on later with those tokens, of which the cache has the first or none.
    func rest(having content: SequenceContent) {
        if cache.tokenCount > 0 { preempt() }
        emptied = content.isEmpty ? nil : content
    }

    /// Is about to be computed up to its tokens and beyond.
    func begin() { emptied = nil }

    /// Forgets what its group has computed, but for what sequences hold.
    func forgetGroup() {
        if let root { engine.prefixes.store.drop(root: root.name) }
    }

    /// How many tokens of a content the cache and the prefix store have.
    func knownTokenCount(of content: SequenceContent) -> Int {
        let own = cache.content.commonPrefix(with: content)
        guard let root, looksForPrefixes else { return own }
        return max(
            own,
            engine.prefixes.store.match(
                content, root: root.name, plan: cache.plan, limit: content.tokenCount - 1
            ).tokenCount)
    }
}
