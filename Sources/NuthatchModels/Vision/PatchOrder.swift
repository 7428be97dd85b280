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

/// In which order a tower computes an image's patches, where each stands, and which see each other.
///
/// Windows are squares of whole blocks, cut from the left and from the top; those at the right and at the bottom may be
/// smaller. A tower with windows computes them one behind the other, so that each is a run of rows:
///
///     blocks, windows of 2 x 2:    0 1 | 2        computed:  0 1 3 4   2 5   6 7   8
///                                  3 4 | 5
///                                  ----+--
///                                  6 7 | 8
struct PatchOrder {
    /// The block of each run of `mergeCount` rows, as tokens are counted.
    let blocks: [Int]
    /// The place of each row's patch, from the top and from the left.
    let places: [(row: Int, column: Int)]
    /// The segments of layers that reach a frame, and of those that reach a window.
    let frames: [Range<Int>]
    let windows: [Range<Int>]

    init(_ grid: PatchGrid, _ specification: VisionSpecification) {
        let merge = specification.patches.mergeLength
        let (rowCount, columnCount) = (grid.rowCount / merge, grid.columnCount / merge)
        let window = specification.windowPatchCount.map { $0 / merge } ?? max(rowCount, columnCount)
        var blocks: [Int] = []
        var windows: [Range<Int>] = []
        for frame in 0..<grid.frameCount {
            for top in stride(from: 0, to: rowCount, by: window) {
                for left in stride(from: 0, to: columnCount, by: window) {
                    let start = blocks.count
                    for row in top..<min(top + window, rowCount) {
                        for column in left..<min(left + window, columnCount) {
                            blocks.append((frame * rowCount + row) * columnCount + column)
                        }
                    }
                    let mergeCount = specification.patches.mergeCount
                    windows.append(start * mergeCount..<blocks.count * mergeCount)
                }
            }
        }
        self.blocks = blocks
        self.windows = windows
        places = blocks.flatMap { block in
            let (top, left) = (block / columnCount % rowCount * merge, block % columnCount * merge)
            return (0..<merge * merge).map { (row: top + $0 / merge, column: left + $0 % merge) }
        }
        let frameLength = grid.rowCount * grid.columnCount
        frames = (0..<grid.frameCount).map { $0 * frameLength..<($0 + 1) * frameLength }
    }
}
