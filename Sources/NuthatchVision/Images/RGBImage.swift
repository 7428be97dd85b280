public import NuthatchTensors

/// An image in memory: 8 bits each of red, green and blue (sRGB), row by row from the top left.
public struct RGBImage: Sendable, Hashable {
    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// The samples, [row][column][red, green, blue].
    public let pixels: [UInt8]

    /// Takes raw pixels.
    ///
    /// - Parameters:
    ///   - pixels: [row][column][red, green, blue], width * height * 3 bytes.
    ///   - width: pixels from left to right.
    ///   - height: pixels from top to bottom.
    /// - Throws: `NuthatchError` for an image without pixels, too large, or of another number of bytes.
    public init(pixels: [UInt8], width: Int, height: Int) throws(NuthatchError) {
        do {
            try self.init(checking: pixels, width: width, height: height, name: "The image")
        } catch { throw NuthatchError(error) }
    }

    /// Makes an image of pixels whose number is checked, with a name for the errors.
    ///
    /// - Throws: `VisionError` for an image without pixels, beyond `VisionLimit`, or of another number of bytes.
    package init(checking pixels: [UInt8], width: Int, height: Int, name: String) throws(VisionError) {
        try Self.check(width: width, height: height, name: name)
        guard pixels.count == width * height * Self.channelCount else {
            throw .wrongByteCount(
                name: name, width: width, height: height, expected: width * height * Self.channelCount,
                found: pixels.count)
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Red, green, blue.
    static let channelCount = 3

    /// Whether an image may have this size; asked before anything is allocated for it.
    static func check(width: Int, height: Int, name: String) throws(VisionError) {
        guard width > 0, height > 0 else { throw .empty(name: name, width: width, height: height) }
        for side in [width, height] where side > VisionLimit.sideLength.maximum {
            throw .tooLarge(name: name, width: width, height: height, limit: .sideLength)
        }
        guard width * height <= VisionLimit.pixelCount.maximum else {
            throw .tooLarge(name: name, width: width, height: height, limit: .pixelCount)
        }
    }
}
