/// An image, or the frames of a film, cut into patches.
///
/// Patches come frame by frame; within a frame square blocks of mergeLength x mergeLength row by row, and within a block
/// its patches row by row. A block becomes one token.
package struct PatchGrid: Sendable, Hashable {
    /// 1 for an image.
    package let frameCount: Int
    /// Patches from top to bottom, and from left to right.
    package let rowCount: Int
    package let columnCount: Int

    package init(frameCount: Int = 1, rowCount: Int, columnCount: Int) {
        self.frameCount = frameCount
        self.rowCount = rowCount
        self.columnCount = columnCount
    }

    package var patchCount: Int { frameCount * rowCount * columnCount }
}
