import CNuthatchKernels

/// How panels hold a matrix's numbers; drawn and justified in `nuthatch_panels.h`.
package enum PanelLayout: Sendable, Hashable, CaseIterable {
    case float32, float16, bfloat16
    /// 4-bit codes; a scale (and minimum) per 32 inputs
    case nibblesScale, nibblesScaleMinimum
    /// 4-bit codes; small integer scales per 32 or 16 inputs times a factor per 256
    case nibblesSuperMinimum, nibblesSuper16, nibblesSuper16Minimum
    /// the same with 8-bit codes
    case bytesScale, bytesScaleMinimum, bytesSuperMinimum, bytesSuper16

    /// The layout in which `format` is held when computed in `precision`.
    package init(format: ElementFormat, precision: WeightPrecision) {
        switch precision {
        case .f32: self = .float32
        case .bf16: self = .bfloat16
        case .q8: self = .bytesScale
        case .native: self = Self.native(format)
        }
    }

    /// The layout that holds a format without loss.
    static func native(_ format: ElementFormat) -> PanelLayout {
        switch format {
        case .f32: .float32
        case .f16: .float16
        case .bf16: .bfloat16
        case .q4_0: .nibblesScale
        case .q4_1: .nibblesScaleMinimum
        case .q5_0, .q8_0: .bytesScale
        case .q5_1: .bytesScaleMinimum
        case .q2K: .nibblesSuper16Minimum
        case .q3K: .nibblesSuper16
        case .q4K: .nibblesSuperMinimum
        case .q5K: .bytesSuperMinimum
        case .q6K: .bytesSuper16
        }
    }

    /// Whether a format's numbers are the same in it.
    package func holdsExactly(_ format: ElementFormat) -> Bool {
        self == Self.native(format) || self == .float32
    }

    /// Whether activations are quantised to meet it.
    package var holdsCodes: Bool {
        switch self {
        case .float32, .float16, .bfloat16: false
        default: true
        }
    }

    /// Bytes of one panel of 16 outputs.
    package func panelByteCount(inputCount: Int) -> Int {
        nuthatch_panel_byte_count(kernelLayout, inputCount)
    }

    /// The largest magnitude that is packed into it by way of float32.
    var largestPacked: Float { nuthatch_largest_packed(kernelLayout) }

    var kernelLayout: nuthatch_layout {
        switch self {
        case .float32: NUTHATCH_FLOAT32
        case .float16: NUTHATCH_FLOAT16
        case .bfloat16: NUTHATCH_BFLOAT16
        case .nibblesScale: NUTHATCH_NIBBLES_SCALE
        case .nibblesScaleMinimum: NUTHATCH_NIBBLES_SCALE_MINIMUM
        case .nibblesSuperMinimum: NUTHATCH_NIBBLES_SUPER_MINIMUM
        case .nibblesSuper16: NUTHATCH_NIBBLES_SUPER16
        case .nibblesSuper16Minimum: NUTHATCH_NIBBLES_SUPER16_MINIMUM
        case .bytesScale: NUTHATCH_BYTES_SCALE
        case .bytesScaleMinimum: NUTHATCH_BYTES_SCALE_MINIMUM
        case .bytesSuperMinimum: NUTHATCH_BYTES_SUPER_MINIMUM
        case .bytesSuper16: NUTHATCH_BYTES_SUPER16
        }
    }
}
