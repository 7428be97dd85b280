import CNuthatchKernels

/// Numbers held one by one in a floating-point format.
///
/// Narrowing rounds to nearest even. Finite numbers beyond the format's largest (65,504 for f16) become the
/// largest of the same sign; infinities and NaN stay what they are.
package enum ExactStorage: String, CaseIterable, Sendable {
    case f32, f16, bf16

    /// Bytes of one number.
    package var elementByteCount: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        }
    }

    var kernelStorage: nuthatch_storage {
        switch self {
        case .f32: NUTHATCH_STORAGE_F32
        case .f16: NUTHATCH_STORAGE_F16
        case .bf16: NUTHATCH_STORAGE_BF16
        }
    }
}
