import NuthatchCache
import NuthatchCheckpoints
package import NuthatchModels
package import NuthatchTensors
package import NuthatchVision

/// What a model reads images with: how they are prepared, and the tower that makes tokens' vectors of them. Immutable.
package struct VisionModel: Sendable {
    package let tower: VisionTower
    package let preprocessor: ImagePreprocessor

    /// Nil where the model reads text alone. A GGUF file has no tower, so only directories have one.
    ///
    /// - Throws: `NuthatchError` where a part is damaged, or the two don't fit each other.
    init?(
        _ checkpoint: Checkpoint, described description: ModelDescription, precision: WeightPrecision,
        packingOn workers: WorkerPool
    ) throws {
        guard case .directory(let directory) = checkpoint, let specification = description.vision else {
            return nil
        }
        preprocessor = try ImagePreprocessor(directory)
        let patches = specification.patches
        guard preprocessor.patchShape == (patches.length, patches.frameCount, patches.mergeLength),
            patches.channelCount == 3
        else {
            throw NuthatchError(
                code: .badData,
                message:
                    "\(checkpoint.path): preprocessor_config.json (its defaults where it is not there) cuts images into "
                    + "\(Self.words(preprocessor.patchShape)), and the vision tower in config.json reads "
                    + "\(Self.words((patches.length, patches.frameCount, patches.mergeLength))) of "
                    + "\(Counted.text(patches.channelCount, "channel")).",
                remedy: "Take both files from the same model.")
        }
        guard
            let tower = try VisionTower(
                checkpoint, described: description, precision: precision, packingOn: workers)
        else { return nil }
        self.tower = tower
    }

    private static func words(_ shape: (length: Int, frameCount: Int, mergeLength: Int)) -> String {
        "patches of \(shape.length) pixels and \(Counted.text(shape.frameCount, "frame")), merged "
            + "\(shape.mergeLength) by \(shape.mergeLength)"
    }

    /// The token that a chat template puts where an image goes.
    package var imageToken: TokenID { tower.specification.imageToken }
}
