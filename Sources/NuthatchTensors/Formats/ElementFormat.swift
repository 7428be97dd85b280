/// How the numbers of a stored tensor are encoded: plain floats, or blocks of codes with shared scales.
///
/// Names, block lengths and byte counts are those of the GGUF specification.
package enum ElementFormat: String, CaseIterable, Sendable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q8_0 = "Q8_0"
    case q2K = "Q2_K"
    case q3K = "Q3_K"
    case q4K = "Q4_K"
    case q5K = "Q5_K"
    case q6K = "Q6_K"

    /// Elements that share one block.
    package var blockLength: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q2K, .q3K, .q4K, .q5K, .q6K: 256
        }
    }

    /// Bytes of one block.
    package var blockByteCount: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2K: 84
        case .q3K: 110
        case .q4K: 144
        case .q5K: 176
        case .q6K: 210
        }
    }

    package var bitsPerElement: Double { Double(blockByteCount * 8) / Double(blockLength) }

    /// Bytes of `elementCount` elements; nil if they are no whole number of blocks or the product overflows.
    package func byteCount(elementCount: Int) -> Int? {
        guard elementCount >= 0, elementCount % blockLength == 0 else { return nil }
        let (bytes, overflow) = (elementCount / blockLength).multipliedReportingOverflow(by: blockByteCount)
        return overflow ? nil : bytes
    }
}
