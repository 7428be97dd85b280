/// What can go wrong with tensors in memory, and with the threads that compute them.
package enum TensorError: ExplainedError {
    case outOfMemory(byteCount: Int, purpose: String)
    case noThread(name: String)

    package var code: NuthatchError.Code {
        switch self {
        case .outOfMemory: .outOfMemory
        case .noThread: .unavailable
        }
    }

    package var message: String {
        switch self {
        case .outOfMemory(let byteCount, let purpose):
            "The system refused \(ByteQuantity.text(byteCount)) for \(purpose)."
        case .noThread(let name):
            "The system refused the thread \(name)."
        }
    }

    package var remedy: String? {
        switch self {
        case .outOfMemory: "Close other programs, or choose a smaller model or context."
        case .noThread: "Close other programs, or raise the limit on threads."
        }
    }
}
