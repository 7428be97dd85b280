package import NuthatchTensors

extension ElementFormat {
    /// The format's number in GGUF files (`enum ggml_type` in ggml.h).
    package var ggmlType: UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q5_0: 6
        case .q5_1: 7
        case .q8_0: 8
        case .q2K: 10
        case .q3K: 11
        case .q4K: 12
        case .q5K: 13
        case .q6K: 14
        case .bf16: 30
        }
    }
}

extension TensorFormat {
    /// The format that ggml numbers `type`.
    init(ggmlType type: UInt32) {
        self =
            ElementFormat.allCases.first { $0.ggmlType == type }.map(TensorFormat.readable)
            ?? .unsupported(Self.unsupportedNames[type] ?? "ggml type \(type)")
    }

    /// ggml's names of the other types, those it has removed among them.
    private static let unsupportedNames: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
        28: "F64", 29: "IQ1_M", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0",
        36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
    ]
}
