/// The size that an image is given before it is cut into patches: both sides whole blocks, its area within bounds, its
/// shape kept as nearly as that allows (the rule of Qwen2-VL's processor).
package struct SmartResize: Sendable, Equatable {
    /// Pixels of a block's side.
    package let unit: Int
    /// Pixels of an image.
    package let minimumPixelCount: Int
    package let maximumPixelCount: Int

    package init(unit: Int, minimumPixelCount: Int, maximumPixelCount: Int) {
        self.unit = unit
        self.minimumPixelCount = minimumPixelCount
        self.maximumPixelCount = maximumPixelCount
    }

    /// - Parameter name: of the image, for the error.
    /// - Throws: `VisionError.aspectRatio`.
    package func size(
        width: Int, height: Int, name: String = "The image"
    ) throws(VisionError) -> (width: Int, height: Int) {
        guard max(width, height) <= VisionLimit.aspectRatio.maximum * min(width, height) else {
            throw .aspectRatio(name: name, width: width, height: height)
        }
        let area = Double(width) * Double(height)
        let rounded = (width: rounded(width), height: rounded(height))
        if rounded.width * rounded.height > maximumPixelCount {
            let stretch = (area / Double(maximumPixelCount)).squareRoot()
            return (
                max(unit, whole(Double(width) / stretch, .down)),
                max(unit, whole(Double(height) / stretch, .down))
            )
        }
        if rounded.width * rounded.height < minimumPixelCount {
            let stretch = (Double(minimumPixelCount) / area).squareRoot()
            return (whole(Double(width) * stretch, .up), whole(Double(height) * stretch, .up))
        }
        return rounded
    }

    /// The nearest whole number of blocks, halves to the even one; it may be none.
    private func rounded(_ length: Int) -> Int { whole(Double(length), .toNearestOrEven) }

    private func whole(_ length: Double, _ rule: FloatingPointRoundingRule) -> Int {
        Int((length / Double(unit)).rounded(rule)) * unit
    }
}
