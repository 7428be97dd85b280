/// Which positions a layer keeps, and so which a query sees.
package enum Retention: Sendable, Hashable {
    /// Every position.
    case full
    /// The query's own position and the `length - 1` before it.
    case window(length: Int)
    /// The first `count` positions, which draw attention whatever they hold, and a window (StreamingLLM,
    /// arXiv:2309.17453).
    case sinks(count: Int, window: Int, positions: SinkPositions)
    /// The positions of the query's own segment up to its own; what came before is folded, segment by segment,
    /// into a matrix of fixed size per head (Infini-attention, arXiv:2404.07143).
    case compressive(segmentLength: Int, rule: MemoryRule)

    /// Where a query stands when it looks at the sinks.
    package enum SinkPositions: String, CaseIterable, Sendable {
        /// Right behind them, as if what was dropped in between had never been: the distance never exceeds what
        /// sinks and window hold, so a model reads on beyond the length it was trained for.
        case inCache
        /// Where it truly is.
        case trueDistance = "true"
    }

    /// How a segment is added to compressive memory.
    package enum MemoryRule: String, CaseIterable, Sendable {
        /// M + sigma(K)^T V
        case linear
        /// M + sigma(K)^T (V - what M already gives for K)
        case delta
    }

    /// The first position behind the sinks that a query at `position` sees; it sees all from there to its own.
    package func firstVisible(from position: Int) -> Int {
        switch self {
        case .full: 0
        case .window(let length), .sinks(_, let length, _): max(0, position - length + 1)
        case .compressive(let segmentLength, _): position / segmentLength * segmentLength
        }
    }

    /// How many of the first positions every query sees.
    package var sinkCount: Int {
        if case .sinks(let count, _, _) = self { count } else { 0 }
    }

    /// How many positions a query sees at most behind the sinks, its own included; nil if all.
    var windowLength: Int? {
        switch self {
        case .full: nil
        case .window(let length), .sinks(_, let length, _): length
        case .compressive(let segmentLength, _): segmentLength
        }
    }

    /// Where a query at `position` stands when it looks beyond its window: at the sinks, or into compressive
    /// memory, which knows no positions and is asked as if from position 0. Nil where it has nothing to look at
    /// or stands where it is.
    package func distantPosition(of position: Int) -> Int? {
        distantLimit.map { min(position, $0) }
    }

    /// The last of those positions; nil where there are none.
    package var distantLimit: Int? {
        switch self {
        case .full, .window, .sinks(_, _, .trueDistance): nil
        case .sinks(let count, let window, .inCache): count + window - 1
        case .compressive: 0
        }
    }

    /// What remains of a model's own retention where a cache is asked for another one.
    ///
    /// Layers that were trained with a window that is no longer than what is asked for keep it.
    func limited(by other: Retention?) -> Retention {
        guard let other, let asked = other.windowLength else { return self }
        guard let own = windowLength, own <= asked + other.sinkCount else { return other }
        return self
    }

    /// - Throws: `CacheError.invalidConfiguration`, naming the number and its limits.
    func validate(_ owner: String) throws(CacheError) {
        func check(_ count: Int, _ what: String, from least: Int = 1) throws(CacheError) {
            guard !(least...CacheLimits.tokenCount).contains(count) else { return }
            throw .invalidConfiguration(
                reason: "\(owner) has \(count) \(what); a cache takes \(least) to \(CacheLimits.tokenCount).",
                remedy: "Check the model's configuration and the retention asked for.")
        }
        switch self {
        case .full: break
        case .window(let length): try check(length, "tokens of window")
        case .sinks(let count, let window, _):
            try check(count, "sinks")
            try check(window, "tokens of window")
        case .compressive(let segmentLength, _): try check(segmentLength, "tokens per segment")
        }
    }
}
