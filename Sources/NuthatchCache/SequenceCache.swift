package import NuthatchTensors

/// The cache of one sequence: every layer's keys and values, in pages.
///
/// One forward pass is: `reserve` (throws before anything is written), then for each layer `append` and
/// `attend` through a `CacheBatch`, then `commit`. Not thread-safe: one owner at a time.
package final class SequenceCache {
    package let configuration: CacheConfiguration
    package let layers: [LayerGeometry]
    /// Tokens whose keys and values every layer has seen: the next token's position.
    package private(set) var tokenCount = 0

    /// - Throws: `CacheError.outOfMemory` where pages reserved up front can't be had.
    package init(
        _ configuration: CacheConfiguration, layers: [LayerGeometry], pool: PagePool
    ) throws(CacheError) {
        fatalError("not built yet")
    }

    /// Obtains what `newTokenCount` more tokens need, in every layer, or throws with nothing changed.
    package func reserve(_ newTokenCount: Int) throws(CacheError) { fatalError("not built yet") }

    /// Makes the reserved tokens, now written in every layer, part of the sequence; frees pages that left a window.
    package func commit(_ newTokenCount: Int) { fatalError("not built yet") }

    /// Another sequence with the same content: shares sealed pages, copies the unsealed tail.
    package func fork() throws(CacheError) -> SequenceCache { fatalError("not built yet") }

    /// Forgets tokens from the end so that `count` remain (0...tokenCount).
    package func truncate(to count: Int) -> Rewind { fatalError("not built yet") }

    /// Forgets everything; pages go back to the pool.
    package func reset() { fatalError("not built yet") }
}

/// What a rewind left behind.
package enum Rewind: Equatable, Sendable {
    /// The cache holds exactly the tokens asked for.
    case exact
    /// The pages needed are gone (a window dropped them): the cache now holds `from` tokens (maybe 0), and the
    /// tokens from there on must be computed again.
    case recompute(from: Int)
}

/// Where pages come from and go back to; counts every byte it hands out.
package final class PagePool: Sendable {
    /// - Parameter byteBudget: the most bytes of pages alive at once; nil leaves it to the system.
    package init(byteBudget: Int? = nil) {}
}
