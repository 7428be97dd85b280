/// How many tokens a sequence may have: every question about where one ends is answered here, from two numbers.
///
/// A context counts all tokens of a sequence, the last of an answer included. A cache's capacity counts those whose keys and
/// values it holds, and those of an answer's last token are never needed. So in a context of n tokens an answer ends with the
/// nth token, and in a cache that has room for n with the one behind it.
package struct SequenceLimit: Sendable, Equatable {
    /// Tokens of a sequence; nil for one that goes on without end.
    package let contextLength: Int?
    /// Tokens that the cache has room for.
    package let capacity: Int

    /// What was asked for beyond a limit.
    package enum Excess: Sendable, Equatable {
        case context(length: Int, asked: Int)
        case capacity(Int, asked: Int)
    }

    /// - Parameter plan: the cache's.
    package init(contextLength: Int?, plan: CachePlan) {
        self.init(contextLength: contextLength, capacity: plan.configuration.growth.capacity)
    }

    package init(contextLength: Int?, capacity: Int) {
        self.contextLength = contextLength
        self.capacity = capacity
    }

    /// What forbids to compute so many tokens behind others; nil where they may be computed.
    package func excess(of newTokenCount: Int, behind tokenCount: Int = 0) -> Excess? {
        let (sum, overflow) = tokenCount.addingReportingOverflow(newTokenCount)
        let asked = overflow ? Int.max : sum
        if let contextLength, asked > contextLength { return .context(length: contextLength, asked: asked) }
        return asked > capacity ? .capacity(capacity, asked: asked) : nil
    }

    /// What forbids an answer to go on behind so many tokens, all of which have to be computed for its next one; nil where
    /// there is room for that.
    package func excess(ofAnswerBehind tokenCount: Int) -> Excess? {
        if let contextLength, tokenCount >= contextLength {
            let (sum, overflow) = tokenCount.addingReportingOverflow(1)
            return .context(length: contextLength, asked: overflow ? .max : sum)
        }
        return excess(of: 0, behind: tokenCount)
    }
}

extension Growth {
    /// The most tokens of a cache that grows so.
    package var capacity: Int {
        switch self {
        case .dynamic: CacheLimits.tokenCount
        case .reserved(let tokenCount): tokenCount
        }
    }
}
