/// How a sealed page holds its keys, or its values.
package enum Storage: Sendable, Hashable {
    case exact(ExactStorage)
    case quantized(Quantization)

    package static let f32 = Storage.exact(.f32)
    package static let f16 = Storage.exact(.f16)
    package static let bf16 = Storage.exact(.bf16)

    package var quantization: Quantization? {
        if case .quantized(let quantization) = self { quantization } else { nil }
    }

    /// Bytes of one number; 0 for codes, which are smaller.
    var elementByteCount: Int {
        if case .exact(let exact) = self { exact.elementByteCount } else { 0 }
    }

    /// How the same numbers are held while their page is open: `residual` where they will be quantised.
    func whileOpen(_ residual: ExactStorage) -> Storage {
        if case .quantized = self { .exact(residual) } else { self }
    }
}
