import CNuthatchKernels

extension ElementFormat {
    /// This format as the kernels name it.
    var kernelFormat: nuthatch_format {
        switch self {
        case .f32: NUTHATCH_F32
        case .f16: NUTHATCH_F16
        case .bf16: NUTHATCH_BF16
        case .q4_0: NUTHATCH_Q4_0
        case .q4_1: NUTHATCH_Q4_1
        case .q5_0: NUTHATCH_Q5_0
        case .q5_1: NUTHATCH_Q5_1
        case .q8_0: NUTHATCH_Q8_0
        case .q2K: NUTHATCH_Q2_K
        case .q3K: NUTHATCH_Q3_K
        case .q4K: NUTHATCH_Q4_K
        case .q5K: NUTHATCH_Q5_K
        case .q6K: NUTHATCH_Q6_K
        }
    }
}
