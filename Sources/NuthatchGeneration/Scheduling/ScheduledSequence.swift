import NuthatchModels

/// One sequence as the scheduler knows it: how many tokens it has and how many of them are computed.
///
///     token   0           computedCount                 tokenCount
///             | computed  | remaining ...               |
///                                     | wanted |
///
/// Invariants: computedCount <= tokenCount; `wanted` lies within the remaining tokens.
struct ScheduledSequence: Sendable, Hashable {
    /// Waiting for a page that another computes.
    struct PageWait: Sendable, Hashable {
        let key: PageKey
        let deadline: Duration
    }

    let id: SequenceID
    let cost: SequenceCost
    private(set) var tokenCount = 0
    private(set) var computedCount = 0
    /// The most that was ever computed: up to there a preempted sequence has nothing to gain.
    private(set) var reachedCount = 0
    /// Tokens whose logits are still to be given.
    private(set) var wanted = 0..<0
    /// What the planner says it holds now: 0 before its first pass.
    private(set) var heldByteCount = 0
    /// Tokens in the step that was planned last, and what the sequence will hold during that.
    var plannedTokenCount = 0
    var plannedByteCount = 0
    var pageWait: PageWait?
    /// A number of tokens behind which an entry ends, for what is read from the cache there.
    var stop: Int?
    /// The budget that its tokens and a page more were found to fit.
    var comparedBudget: Int?

    init(id: SequenceID, cost: SequenceCost) {
        self.id = id
        self.cost = cost
    }

    var remainingCount: Int { tokenCount - computedCount }

    /// Whether there is something to compute that anybody waits for.
    var hasWork: Bool { tokenCount > reachedCount || !wanted.isEmpty }

    /// Whether a step may have an entry of it, if it runs.
    var isReady: Bool { pageWait == nil && hasWork && computedCount < tokenCount }

    /// Whether it may leave the line: a page that it waits for is due.
    func mayBeAdmitted(at now: Duration) -> Bool {
        guard hasWork else { return false }
        guard let pageWait else { return true }
        return pageWait.deadline <= now
    }

    /// At least one token is left to compute, so that whatever is fed ends with a pass.
    var attachableTokenCount: Int { wanted.isEmpty ? max(0, tokenCount - 1) : wanted.lowerBound }

    // MARK: Tokens

    mutating func feed(_ newTokenCount: Int, wants: LogitRows) {
        let end = tokenCount + newTokenCount
        switch (wants, wanted.isEmpty) {
        case (.none, _): break
        case (.last, true): wanted = end - 1..<end
        case (.all, true): wanted = tokenCount..<end
        case (_, false): wanted = wanted.lowerBound..<end
        }
        tokenCount = end
        comparedBudget = nil
    }

    /// The entry of its next tokens, `limit` at most: fewer where else it would have to want logits of some in the middle.
    func entry(limit: Int) -> ScheduledStep.Entry {
        let start = computedCount
        var end = start + min(limit, remainingCount, cost.chunkLength)
        if let stop, start < stop { end = min(end, stop) }
        var logits = LogitRows.none
        if !wanted.isEmpty, end > wanted.lowerBound {
            end = min(end, wanted.upperBound)
            if end - 1 == wanted.lowerBound {
                logits = .last
            } else if start < wanted.lowerBound {
                end = wanted.lowerBound
            } else {
                logits = .all
            }
        }
        return ScheduledStep.Entry(sequence: id, firstToken: start, tokenCount: end - start, logits: logits)
    }

    /// Moves on to `count` computed tokens.
    mutating func compute(upTo count: Int) {
        computedCount = min(max(computedCount, count), tokenCount)
        reachedCount = max(reachedCount, computedCount)
        wanted = max(wanted.lowerBound, computedCount)..<max(wanted.upperBound, computedCount)
        heldByteCount = cost.byteCount(tokenCount: computedCount)
    }

    mutating func truncate(to count: Int, computed: Int) {
        tokenCount = min(tokenCount, max(0, count))
        computedCount = min(computedCount, max(0, computed), tokenCount)
        reachedCount = min(reachedCount, tokenCount)
        wanted = wanted.clamped(to: computedCount..<tokenCount)
        heldByteCount = heldByteCount > 0 ? cost.byteCount(tokenCount: computedCount) : 0
    }

    /// Holds nothing any more, and has its tokens to compute again.
    mutating func preempt() {
        computedCount = 0
        heldByteCount = 0
        pageWait = nil
        stop = nil
        forgetPlan()
    }

    mutating func forgetPlan() {
        plannedTokenCount = 0
        plannedByteCount = 0
    }

    // MARK: Bytes

    /// What a planned entry takes beside what is held.
    var plannedGrowth: Int { max(0, plannedByteCount - heldByteCount) }

    /// What it takes to compute one token more.
    var nextByteCount: Int { cost.byteCount(tokenCount: computedCount, newTokenCount: 1) }

    /// What it takes for its tokens and a page more, from nothing.
    var admissionByteCount: Int { cost.peakByteCount(tokenCount: tokenCount + cost.pageLength) }

    /// What it will still take for its tokens and a page more, beside what it holds: kept free of others.
    func outstandingByteCount(decodingTokenCount: Int) -> Int {
        let most =
            heldByteCount > 0 && remainingCount <= decodingTokenCount
            ? cost.byteCount(tokenCount: computedCount, newTokenCount: remainingCount + cost.pageLength)
            : admissionByteCount
        return max(0, most - heldByteCount)
    }
}
