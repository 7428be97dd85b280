package import NuthatchTensors

/// One stored tensor.
package struct TensorDescription: Sendable, Equatable {
    package let name: String
    package let format: TensorFormat
    /// Outermost dimension first, as in Hugging Face: [outputs, inputs] for a linear layer.
    package let shape: [Int]
    /// Bytes in the file; for an unsupported format of GGUF, up to the next tensor, padding included.
    package let byteCount: Int

    package var elementCount: Int {
        // Dimensions beside a zero are bounded one by one only: their product may overflow.
        shape.contains(0) ? 0 : shape.reduce(1, *)
    }

    /// The product of dimensions that a file states, each of them and all together within the limit.
    static func elementCount(_ shape: [Int], file: String, tensor: String) throws(CheckpointError) -> Int {
        let maximum = CheckpointLimit.elementCount.maximum
        var count: UInt64 = 1
        for dimension in shape {
            // `max(count, 1)`: beside a zero, the others still keep the limit.
            let (product, overflow) = max(count, 1).multipliedReportingOverflow(by: UInt64(dimension))
            guard !overflow, product <= maximum else {
                throw .limitExceeded(
                    file: file, limit: .elementCount, value: overflow ? .max : product,
                    field: "tensor \(tensor)")
            }
            count = min(count, 1) * product
        }
        return Int(count)
    }
}

/// How a file says a tensor is stored: in a format that can be read, or in one that can only be listed.
///
/// A file with unsupported tensors opens, so that it can be shown; reading such a tensor is what throws.
package enum TensorFormat: Sendable, Equatable {
    case readable(ElementFormat)
    /// The name that ggml or safetensors gives the format.
    case unsupported(String)

    package var name: String {
        switch self {
        case .readable(let format): format.rawValue
        case .unsupported(let name): name
        }
    }
}
