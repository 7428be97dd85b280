import CNuthatchKernels
import NuthatchTensors

/// Numbers held in groups, as small codes: number = scale * code + offset, with a scale and an offset per group.
///
/// Codes are unsigned and computed once, when a page is sealed, from the scale and offset as they are stored.
package struct Quantization: Sendable, Hashable {
    /// How a group's scale and offset are found.
    package enum Method: String, CaseIterable, Sendable {
        /// From the group's smallest and largest number, as optimum-quanto does.
        case affine
        /// The affine scale, and an offset refined by half-quadratic iteration (HQQ, Badri and Shaji, 2023), as the hqq
        /// package does.
        case hqq
    }

    /// What a group's numbers have in common.
    package enum Axis: String, CaseIterable, Sendable {
        /// The channel: a group is one dimension of consecutive tokens (KIVI, arXiv:2402.02750, for keys: a few
        /// channels are large in every token).
        case channel
        /// The token: a group is consecutive dimensions of one token.
        case token
    }

    /// 8, 4 or 2.
    package let bitCount: Int
    package let method: Method
    package let axis: Axis
    /// Numbers per group: 32, 64 or 128. By token, the last group of a head is shorter where the head's dimension
    /// is no multiple, and a group longer than the dimension covers as many consecutive tokens as fit.
    package let groupLength: Int
    /// How scales and offsets are held: f16, or f32 for the numbers of the reference packages to the last bit.
    package let parameterStorage: ExactStorage

    package static let bitCounts = [8, 4, 2]
    package static let groupLengths = [32, 64, 128]

    /// - Throws: `CacheError.invalidConfiguration`, naming the property and what it may be.
    package init(
        bitCount: Int, method: Method = .affine, axis: Axis, groupLength: Int = 64,
        parameterStorage: ExactStorage = .f16
    ) throws(CacheError) {
        guard Self.bitCounts.contains(bitCount) else {
            throw .invalidConfiguration(
                reason: "Keys and values can't be held in \(Counted.text(bitCount, "bit")).",
                remedy: "Use 8, 4 or 2.")
        }
        guard Self.groupLengths.contains(groupLength) else {
            throw .invalidConfiguration(
                reason: "A quantisation group of \(Counted.text(groupLength, "number")) is not supported.",
                remedy: "Use 32, 64 or 128.")
        }
        guard parameterStorage != .bf16 else {
            throw .invalidConfiguration(
                reason: "Scales and offsets in bf16 would cost more accuracy than their codes do.",
                remedy: "Use f16 or f32.")
        }
        self.bitCount = bitCount
        self.method = method
        self.axis = axis
        self.groupLength = groupLength
        self.parameterStorage = parameterStorage
    }

    var kernelMethod: nuthatch_quantization {
        switch method {
        case .affine: NUTHATCH_QUANTIZATION_AFFINE
        case .hqq: NUTHATCH_QUANTIZATION_HQQ
        }
    }
}
