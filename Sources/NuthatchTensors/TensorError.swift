/// What can go wrong with tensors in memory, and with the threads that compute them.
package enum TensorError: ExplainedError {
    case outOfMemory(byteCount: Int, purpose: String)
    case noThread(name: String)
    /// A weight is beyond what it was to be computed in, or no number that this has a code for.
    case weightBeyond(tensor: String, magnitude: Float, limit: Float, precision: WeightPrecision)

    package var code: NuthatchError.Code {
        switch self {
        case .outOfMemory: .outOfMemory
        case .noThread: .unavailable
        case .weightBeyond: .badData
        }
    }

    package var message: String {
        switch self {
        case .outOfMemory(let byteCount, let purpose):
            "The system refused \(ByteQuantity.text(byteCount)) for \(purpose)."
        case .noThread(let name):
            "The system refused the thread \(name)."
        case .weightBeyond(let tensor, let magnitude, let limit, let precision):
            magnitude.isFinite
                ? "Tensor \(tensor) holds a number of magnitude \(magnitude); weights computed in "
                    + "\(precision.rawValue) end at \(limit)."
                : "Tensor \(tensor) holds a value that is no finite number, for which \(precision.rawValue) has no code."
        }
    }

    package var remedy: String? {
        switch self {
        case .outOfMemory:
            "Close other programs, raise the limit on address space if one is set (ulimit -v), or choose a smaller model or "
                + "context."
        case .noThread: "Close other programs, or raise the limit on threads."
        case .weightBeyond(_, let magnitude, _, let precision):
            !magnitude.isFinite
                ? "Fetch the model again; if it stays so, it is damaged."
                : precision == .q8
                    ? "Compute in native, f32 or bf16." : "Compute in native or f32."
        }
    }
}
