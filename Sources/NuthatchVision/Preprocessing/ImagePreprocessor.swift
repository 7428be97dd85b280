/// What a model's files say is done to an image before its vision tower reads it: Qwen2-VL's image processor, from
/// preprocessor_config.json.
package struct ImagePreprocessor: Sendable, Equatable {
    package let resize: SmartResize
    let layout: PatchLayout
    let precision: Resampling.Precision
    /// What each of 256 values becomes, [channel][value]: value * rescale factor, less the mean, by the deviation.
    let levels: [[Float]]

    /// What an image becomes.
    ///
    /// - Parameter name: of the image, for the error.
    /// - Throws: `VisionError.aspectRatio`.
    package func patches(
        of image: RGBImage, name: String = "The image"
    ) throws(VisionError) -> PatchedImage {
        let size = try resize.size(width: image.width, height: image.height, name: name)
        let pixels = Resampling(precision: precision).resize(image, width: size.width, height: size.height)
        return layout.cut(pixels, width: size.width, height: size.height, levels: levels)
    }

    /// The tokens that an image becomes, from top to bottom and from left to right.
    package func tokenGrid(
        width: Int, height: Int, name: String = "The image"
    ) throws(VisionError) -> (rowCount: Int, columnCount: Int) {
        let size = try resize.size(width: width, height: height, name: name)
        return (size.height / layout.unit, size.width / layout.unit)
    }

    /// Pixels of a patch's side, its frames, and patches of a block's side: what has to be the tower's.
    package var patchShape: (length: Int, frameCount: Int, mergeLength: Int) {
        (layout.patchLength, layout.frameCount, layout.mergeLength)
    }
}
