package import NuthatchTensors

/// What the cache refuses, and why. Whatever throws one of these has changed nothing.
package enum CacheError: ExplainedError, Equatable {
    /// The configuration or a layer's geometry makes no cache.
    case invalidConfiguration(reason: String, remedy: String)
    /// More tokens than were reserved, or than any cache holds.
    case full(capacity: Int, asked: Int)
    /// More tokens at once than reserved window layers have room for.
    case chunkTooLong(limit: Int, asked: Int)
    /// Pages would exceed the pool's budget, or (budget nil) the system has no memory left.
    case outOfMemory(byteCount: Int, inUse: Int, budget: Int?)

    package var code: NuthatchError.Code {
        switch self {
        case .invalidConfiguration, .chunkTooLong: .usage
        case .full: .contextFull
        case .outOfMemory: .outOfMemory
        }
    }

    package var message: String {
        switch self {
        case .invalidConfiguration(let reason, _):
            reason
        case .full(let capacity, let asked):
            "The cache has room for \(capacity) tokens; \(asked) are needed."
        case .chunkTooLong(let limit, let asked):
            "A pass brings \(asked) tokens; the reserved window layers have room for \(limit) at a time."
        case .outOfMemory(let byteCount, let inUse, let budget?):
            "The cache needs \(byteCount) bytes more; \(inUse) of its budget of \(budget) bytes are in use."
        case .outOfMemory(let byteCount, let inUse, nil):
            "The system refused the cache \(byteCount) bytes more; it holds \(inUse) bytes."
        }
    }

    package var remedy: String? {
        switch self {
        case .invalidConfiguration(_, let remedy): remedy
        case .full: "Start a new conversation, or reserve a longer context."
        case .chunkTooLong(let limit, _): "Feed at most \(limit) tokens per pass, or configure longer chunks."
        case .outOfMemory(_, _, .some):
            "Shorten the context, hold keys and values in fewer bits, or raise the cache's budget."
        case .outOfMemory(_, _, nil):
            "Close other programs, shorten the context, or hold keys and values in fewer bits."
        }
    }
}
