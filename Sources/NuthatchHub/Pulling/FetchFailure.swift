/// Why a file did not come from one source.
enum FetchFailure: Error {
    /// This source is of no use; another may be.
    case source(reason: String, remedy: String)
    /// No source would be of use.
    case stop(HubError)
    case cancelled

    init(_ failure: HTTPFailure) {
        switch failure {
        case .store(let error): self = .stop(error)
        case .cancelled: self = .cancelled
        default: self = .source(reason: failure.reason, remedy: failure.remedy)
        }
    }

    init(_ failure: WheelFetch.Failure) {
        switch failure {
        case .source(let reason, let remedy): self = .source(reason: reason, remedy: remedy)
        case .store(let error): self = .stop(error)
        case .cancelled: self = .cancelled
        }
    }

    /// Runs what no other source could do better.
    static func stopping<Value>(_ body: () throws(HubError) -> Value) throws(FetchFailure) -> Value {
        do { return try body() } catch { throw .stop(error) }
    }
}
