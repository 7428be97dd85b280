internal import Crypto
package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors
package import NuthatchVision

/// An image of a conversation, and the tokens it becomes.
package struct PromptImage: Sendable {
    package let image: RGBImage
    /// Tokens from top to bottom, and from left to right.
    package let rowCount: Int
    package let columnCount: Int
    /// Equal where an image is prepared alike, to the last pixel.
    package let content: GridContent

    package var tokenCount: Int { rowCount * columnCount }

    /// - Throws: `NuthatchError` for an image of a shape that isn't read, or too large for the tower.
    package init(_ image: RGBImage, for vision: VisionModel) throws(NuthatchError) {
        do {
            (rowCount, columnCount) = try vision.preprocessor.tokenGrid(
                width: image.width, height: image.height)
        } catch { throw NuthatchError(error) }
        let patches = vision.tower.specification.patches.mergeCount * rowCount * columnCount
        guard patches <= VisionSpecification.maximumPatchCount else {
            throw NuthatchError(
                ModelError.imageTooLarge(
                    patchCount: patches, maximum: VisionSpecification.maximumPatchCount))
        }
        self.image = image
        var hash = SHA256()
        hash.update(data: Array("\(vision.preprocessor) \(image.width) \(image.height)".utf8))
        hash.update(data: image.pixels)
        content = GridContent(digest: Array(hash.finalize()))
    }

    /// Where its tokens stand when the first is at `start`.
    package func grid(at start: Int) -> TokenGrid {
        TokenGrid(start: start, rowCount: rowCount, columnCount: columnCount, content: content)
    }
}

extension VisionModel {
    /// Computes an image's vectors. Blocks; on the engine thread.
    package func features(
        of image: PromptImage, on workers: WorkerPool
    ) throws(NuthatchError) -> ImageFeatures {
        do {
            let patched = try preprocessor.patches(of: image.image)
            return try tower.features(
                of: patched.values,
                grid: PatchGrid(rowCount: patched.rowCount, columnCount: patched.columnCount), pool: workers)
        } catch {
            throw NuthatchError(explaining: error)
        }
    }
}
