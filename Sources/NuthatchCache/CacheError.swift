package import NuthatchTensors

/// What the cache refuses, and why.
package enum CacheError: ExplainedError {
    case invalidConfiguration(reason: String, remedy: String)
    case full(capacity: Int, asked: Int)
    case outOfMemory(byteCount: Int, budget: Int?)

    package var code: NuthatchError.Code {
        switch self {
        case .invalidConfiguration: .usage
        case .full: .contextFull
        case .outOfMemory: .outOfMemory
        }
    }

    package var message: String { "not written yet" }
    package var remedy: String? { nil }
}
