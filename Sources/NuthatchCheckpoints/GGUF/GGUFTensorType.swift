import NuthatchTensors

extension TensorFormat {
    /// The format that ggml numbers `type` (`enum ggml_type` in ggml.h).
    init(ggmlType type: UInt32) {
        self =
            switch type {
            case 0: .readable(.f32)
            case 1: .readable(.f16)
            case 2: .readable(.q4_0)
            case 3: .readable(.q4_1)
            case 6: .readable(.q5_0)
            case 7: .readable(.q5_1)
            case 8: .readable(.q8_0)
            case 10: .readable(.q2K)
            case 11: .readable(.q3K)
            case 12: .readable(.q4K)
            case 13: .readable(.q5K)
            case 14: .readable(.q6K)
            case 30: .readable(.bf16)
            default: .unsupported(Self.unsupportedNames[type] ?? "ggml type \(type)")
            }
    }

    /// ggml's names of the other types, those it has removed among them.
    private static let unsupportedNames: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
        28: "F64", 29: "IQ1_M", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0",
        36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
    ]
}
