package import NuthatchTensors

/// One stored tensor.
package struct TensorDescription: Sendable, Equatable {
    package let name: String
    package let format: TensorFormat
    /// Outermost dimension first, as in Hugging Face: [outputs, inputs] for a linear layer.
    package let shape: [Int]
    /// Bytes in the file; for an unsupported format of GGUF, up to the next tensor, padding included.
    package let byteCount: Int

    package var elementCount: Int { shape.reduce(1, *) }

    /// The product of dimensions that a file states; none of them is negative.
    static func elementCount(_ shape: [Int], file: String, tensor: String) throws(CheckpointError) -> Int {
        var count = 1
        // A zero anywhere makes the product zero, whatever the others would have overflowed to.
        if shape.contains(0) { return 0 }
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= CheckpointLimit.elementCount.maximum else {
                throw .limitExceeded(
                    file: file, limit: .elementCount, value: overflow ? .max : UInt64(product),
                    field: "tensor \(tensor)")
            }
            count = product
        }
        return count
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
