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
            ?? .unsupported(Self.unsupportedTypes[type]?.name ?? "ggml type \(type)")
    }

    /// A ggml type that can only be listed.
    private struct UnsupportedType {
        let name: String
        /// Elements and bytes of a block; nil for types that ggml has removed.
        var block: (length: Int, byteCount: Int)?
    }

    /// How many elements and bytes a block of `type` has; nil where this is not known.
    func ggmlBlock(type: UInt32) -> (length: Int, byteCount: Int)? {
        switch self {
        case .readable(let format): (format.blockLength, format.blockByteCount)
        case .unsupported: Self.unsupportedTypes[type]?.block
        }
    }

    /// ggml's other types, those it has removed among them, with the sizes that its gguf package gives them.
    private static let unsupportedTypes: [UInt32: UnsupportedType] = [
        4: .init(name: "Q4_2"), 5: .init(name: "Q4_3"), 9: .init(name: "Q8_1"),
        15: .init(name: "Q8_K", block: (256, 292)), 16: .init(name: "IQ2_XXS", block: (256, 66)),
        17: .init(name: "IQ2_XS", block: (256, 74)), 18: .init(name: "IQ3_XXS", block: (256, 98)),
        19: .init(name: "IQ1_S", block: (256, 50)), 20: .init(name: "IQ4_NL", block: (32, 18)),
        21: .init(name: "IQ3_S", block: (256, 110)), 22: .init(name: "IQ2_S", block: (256, 82)),
        23: .init(name: "IQ4_XS", block: (256, 136)), 24: .init(name: "I8", block: (1, 1)),
        25: .init(name: "I16", block: (1, 2)), 26: .init(name: "I32", block: (1, 4)),
        27: .init(name: "I64", block: (1, 8)), 28: .init(name: "F64", block: (1, 8)),
        29: .init(name: "IQ1_M", block: (256, 56)), 31: .init(name: "Q4_0_4_4"), 32: .init(name: "Q4_0_4_8"),
        33: .init(name: "Q4_0_8_8"), 34: .init(name: "TQ1_0", block: (256, 54)),
        35: .init(name: "TQ2_0", block: (256, 66)), 36: .init(name: "IQ4_NL_4_4"),
        37: .init(name: "IQ4_NL_4_8"), 38: .init(name: "IQ4_NL_8_8"),
        39: .init(name: "MXFP4", block: (32, 17)), 40: .init(name: "NVFP4", block: (64, 36)),
        41: .init(name: "Q1_0", block: (128, 18)),
    ]
}
