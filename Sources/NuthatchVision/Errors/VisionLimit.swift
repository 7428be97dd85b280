/// A bound that an image or its preprocessing must keep, checked before anything is allocated for what it bounds.
///
/// Every product of two of them stays far under 2^63.
package enum VisionLimit: String, CaseIterable, Sendable {
    case sideLength
    case pixelCount
    case fileByteCount
    case aspectRatio
    case patchLength
    case patchWidth

    package var maximum: Int {
        switch self {
        // What JPEG can say.
        case .sideLength: 65_535
        // 200 MB of pixels: more than the sensors of cameras have.
        case .pixelCount: 1 << 26
        // Every pixel as it is, and a header.
        case .fileByteCount: 1 << 28
        // The reference processor's.
        case .aspectRatio: 200
        // Qwen2-VL has 14 pixels, merged by 2 x 2.
        case .patchLength: 1 << 7
        // Numbers of a patch; Qwen2-VL has 1,176.
        case .patchWidth: 1 << 20
        }
    }
}
