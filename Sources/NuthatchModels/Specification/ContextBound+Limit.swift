package import NuthatchCache

extension ContextBound {
    /// What ends a sequence in such a cache.
    ///
    /// - Throws: `ModelError.contextLengthOutOfRange` where more was asked for than the model was made for, and the
    ///   cache looks as far.
    package func limit(in plan: CachePlan) throws(ModelError) -> SequenceLimit {
        SequenceLimit(contextLength: try tokenCount(in: plan), plan: plan)
    }

    /// Refuses a pass of so many tokens behind others where a sequence in such a cache may not have them.
    func check(_ newTokenCount: Int, behind tokenCount: Int, in plan: CachePlan) throws(ModelError) {
        // Every sequence may have so many, and the cache knows its room: nearly all passes end here.
        guard newTokenCount > rotaryLength - tokenCount else { return }
        try limit(in: plan).check(newTokenCount, behind: tokenCount)
    }
}

extension SequenceLimit {
    /// Refuses to compute so many tokens behind others.
    ///
    /// - Throws: `ModelError.contextFull`, or `CacheError.full` in a `ModelError`.
    package func check(_ newTokenCount: Int, behind tokenCount: Int) throws(ModelError) {
        switch excess(of: newTokenCount, behind: tokenCount) {
        case .context(let length, let asked): throw .contextFull(contextLength: length, asked: asked)
        case .capacity(let capacity, let asked): throw .cache(.full(capacity: capacity, asked: asked))
        case nil: return
        }
    }
}
