package import NuthatchTensors

/// What the matrices of a written GGUF file are stored as.
package enum QuantizationType: String, CaseIterable, Sendable {
    case f32, f16, bf16, q8_0, q6_k, q4_k, q4_1, q4_0

    package var format: ElementFormat {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        case .q8_0: .q8_0
        case .q6_k: .q6K
        case .q4_k: .q4K
        case .q4_1: .q4_1
        case .q4_0: .q4_0
        }
    }

    /// `general.file_type`: llama.cpp's number (enum llama_ftype) for a file of mostly this type.
    func fileType(isPure: Bool) -> UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 7
        // Q4_K_S and Q4_K_M.
        case .q4_k: isPure ? 14 : 15
        case .q6_k: 18
        case .bf16: 32
        }
    }
}
