/// What can go wrong with tensors in memory.
package enum TensorError: ExplainedError {
    case outOfMemory(byteCount: Int, purpose: String)

    package var code: NuthatchError.Code {
        switch self {
        case .outOfMemory: .outOfMemory
        }
    }

    package var message: String {
        switch self {
        case .outOfMemory(let byteCount, let purpose):
            "The system refused \(byteCount) bytes for \(purpose)."
        }
    }

    package var remedy: String? {
        switch self {
        case .outOfMemory: "Close other programs, or choose a smaller model or context."
        }
    }
}
