import CNuthatchKernels

extension ElementFormat {
    /// The formats that floats can be written in.
    package static let encodable: [ElementFormat] = allCases.filter { $0.encoder != nil }

    /// The largest magnitude that may be encoded: beyond it a number, or a block's scale or minimum, would be infinite.
    package var largestMagnitude: Float {
        let largestHalf: Float = 65_504
        return switch self {
        case .f32: .greatestFiniteMagnitude
        case .bf16: 0x1.FEp127
        // Scales are the farthest number over these.
        case .q4_0: 8 * largestHalf
        case .q5_0: 16 * largestHalf
        case .q8_0: 127 * largestHalf
        // The minimum is a number itself. (Scales are at most 2 / 15 of it.)
        case .q4_1: largestHalf
        // Searched for and nested; factors are well within for such numbers.
        default: largestHalf
        }
    }

    /// Encodes float32 values as whole blocks, element by element in stored order.
    ///
    /// F32 copies, F16 and BF16 round to the nearest even; Q4_0, Q4_1, Q5_0 and Q8_0 give the bits of ggml's
    /// reference; Q4_K and Q6_K search for the scales of least squared error.
    /// - Precondition: the format is among `encodable`, `output` has exactly the bytes of `values.count` elements, and
    ///   no value is beyond `largestMagnitude`.
    package func encode(_ values: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer) {
        precondition(
            byteCount(elementCount: values.count) == output.count, "bytes and floats count the same elements")
        precondition(encoder != nil, "only encodable formats are encoded")
        guard let source = values.baseAddress, let target = output.baseAddress else { return }
        encoder?(source, target, values.count / blockLength)
    }

    /// (floats, blocks, block count)
    private var encoder: ((UnsafePointer<Float>, UnsafeMutableRawPointer, Int) -> Void)? {
        switch self {
        case .f32: nuthatch_encode_f32
        case .f16: nuthatch_encode_f16
        case .bf16: nuthatch_encode_bf16
        case .q4_0: nuthatch_encode_q4_0
        case .q4_1: nuthatch_encode_q4_1
        case .q5_0: nuthatch_encode_q5_0
        case .q8_0: nuthatch_encode_q8_0
        case .q4K: nuthatch_encode_q4_k
        case .q6K: nuthatch_encode_q6_k
        case .q5_1, .q2K, .q3K, .q5K: nil
        }
    }
}

/// The largest magnitude of some numbers; infinity where one of them is none.
package func largestMagnitude(_ values: UnsafeBufferPointer<Float>) -> Float {
    guard let base = values.baseAddress else { return 0 }
    return nuthatch_largest_magnitude(base, values.count)
}
