/// A weight matrix packed once, at load, into panels of 16 outputs.
///
/// One row of activations (decode) and many (prefill) run the same per-element order over the inner
/// dimension, so an output's bits do not depend on how many rows were multiplied together (law L1).
package final class PackedMatrix: Sendable {
    package let outputCount: Int
    package let inputCount: Int
    /// Bytes the panels occupy.
    package let byteCount: Int

    /// Packs `sources` stacked along their outputs (all of one input count and format).
    ///
    /// - Throws: `TensorError.outOfMemory` if the panels can't be allocated.
    package init(_ sources: [StoredMatrix], precision: WeightPrecision) throws(TensorError) {
        fatalError("not built yet")
    }
}

/// What weights are computed in.
package enum WeightPrecision: String, CaseIterable, Sendable {
    /// The file's own formats.
    case native
    case f32
    case bf16
    case q8
}

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
