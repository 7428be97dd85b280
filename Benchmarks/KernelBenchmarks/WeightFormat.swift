import CNuthatchKernels

/// How a file holds the weights that are packed.
enum WeightFormat: String {
    case q4_0, q4_1, q8_0
    case q4K = "q4_k"
    case q6K = "q6_k"
    case f32, f16, bf16

    static let codes: [WeightFormat] = [.q4_0, .q4_1, .q8_0, .q4K, .q6K]
    static let floats: [WeightFormat] = [.f32, .f16, .bf16]

    var kernelFormat: nuthatch_format {
        switch self {
        case .q4_0: NUTHATCH_Q4_0
        case .q4_1: NUTHATCH_Q4_1
        case .q8_0: NUTHATCH_Q8_0
        case .q4K: NUTHATCH_Q4_K
        case .q6K: NUTHATCH_Q6_K
        case .f32: NUTHATCH_F32
        case .f16: NUTHATCH_F16
        case .bf16: NUTHATCH_BF16
        }
    }
}
