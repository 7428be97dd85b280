import NuthatchCache

extension CacheOptions {
    /// Which positions are kept, and so which a query sees. Layers whose model keeps less keep less.
    public enum Retention: Sendable, Equatable {
        /// All that the model's layers attend to.
        case full
        /// The window of a model that has layers with one; any other is refused.
        case modelWindow
        /// The query's own position and the `length - 1` before it.
        case window(length: Int)
        /// The first `count` positions and a window (StreamingLLM, arXiv:2309.17453).
        case sinks(count: Int, window: Int, positions: SinkPositions)
        /// The query's segment, and a matrix into which the earlier ones are folded (Infini-attention,
        /// arXiv:2404.07143).
        case compressive(segmentLength: Int, rule: MemoryRule)
    }

    /// Where a query stands when it looks at the sinks.
    public enum SinkPositions: String, CaseIterable, Sendable {
        /// Where it is in the cache: what was dropped in between does not count, so a model reads on beyond the
        /// length it was trained for.
        case inCache = "cache"
        /// Where it truly is.
        case trueDistance = "true"
    }

    /// How a segment is added to compressive memory.
    public enum MemoryRule: String, CaseIterable, Sendable {
        /// As it is.
        case linear
        /// Less what the memory gives for it already.
        case delta
    }
}

extension CacheOptions.Retention {
    /// What is asked for beside the model's own retention; nil for nothing.
    var own: Retention? {
        switch self {
        case .full, .modelWindow: nil
        case .window(let length): .window(length: length)
        case .sinks(let count, let window, .inCache):
            .sinks(count: count, window: window, positions: .inCache)
        case .sinks(let count, let window, .trueDistance):
            .sinks(count: count, window: window, positions: .trueDistance)
        case .compressive(let length, .linear): .compressive(segmentLength: length, rule: .linear)
        case .compressive(let length, .delta): .compressive(segmentLength: length, rule: .delta)
        }
    }
}

extension CacheOptions.Retention: CustomStringConvertible {
    /// What a layer of a cache keeps.
    init(_ retention: Retention) {
        switch retention {
        case .full: self = .full
        case .window(let length): self = .window(length: length)
        case .sinks(let count, let window, .inCache):
            self = .sinks(count: count, window: window, positions: .inCache)
        case .sinks(let count, let window, .trueDistance):
            self = .sinks(count: count, window: window, positions: .trueDistance)
        case .compressive(let length, .linear): self = .compressive(segmentLength: length, rule: .linear)
        case .compressive(let length, .delta): self = .compressive(segmentLength: length, rule: .delta)
        }
    }

    /// As the command line takes it: "sinks=4+1020".
    public var description: String {
        switch self {
        case .full: "full"
        case .modelWindow: "the model's window"
        case .window(let length): "window=\(length)"
        case .sinks(let count, let window, .inCache): "sinks=\(count)+\(window)"
        case .sinks(let count, let window, .trueDistance): "sinks=\(count)+\(window),positions=true"
        case .compressive(let length, .delta): "compressive=\(length)"
        case .compressive(let length, .linear): "compressive=\(length),rule=linear"
        }
    }
}
