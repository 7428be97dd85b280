/// The images of one sequence, and where they put its tokens (multimodal rotary positions: Qwen2-VL,
/// arXiv:2409.12191, section 2.1).
///
///     tokens      a  b  c | image of 2 x 3    | d  e
///     index       0  1  2 | 3  4  5  6  7  8  | 9  10
///     time        0  1  2 | 3  3  3  3  3  3  | 6  7
///     row         0  1  2 | 3  3  3  4  4  4  | 6  7
///     column      0  1  2 | 3  4  5  3  4  5  | 6  7
///
/// Behind an image of R x C tokens text goes on max(R, C) further than where the image began: from there on a token's
/// place is its index less a constant, until the next image. So a sequence with images has to know them for as long
/// as it grows, and they live with its cache.
///
/// Invariants: images are in order and don't overlap; `origins` has one entry for each. Finding a position takes time in
/// proportion to the images behind it.
package struct SequenceGrids: Sendable, Hashable {
    package private(set) var all: [TokenGrid] = []
    /// Where the first token of each stands.
    private var origins: [Int] = []

    package init() {}

    package var isEmpty: Bool { all.isEmpty }

    /// The index behind the last image's last token.
    package var end: Int { all.last?.range.upperBound ?? 0 }

    package mutating func append(_ grid: TokenGrid) {
        precondition(grid.start >= end, "images are in order and don't overlap")
        origins.append(position(of: grid.start).time)
        all.append(grid)
    }

    /// Forgets images that begin at `count` or later. One that begins before it stays whole: what follows has to be its
    /// rest.
    mutating func truncate(to count: Int) {
        while let last = all.last, last.start >= count {
            all.removeLast()
            origins.removeLast()
        }
    }

    /// The image that the token at an index is of.
    package func grid(at index: Int) -> TokenGrid? {
        guard let last = all.last(where: { $0.start <= index }), last.range.contains(index) else {
            return nil
        }
        return last
    }

    package func position(of index: Int) -> TokenPosition {
        guard let last = all.lastIndex(where: { $0.start <= index }) else { return TokenPosition(index) }
        let grid = all[last]
        let origin = origins[last]
        let offset = index - grid.start
        guard offset < grid.tokenCount else {
            return TokenPosition(origin + max(grid.rowCount, grid.columnCount) + offset - grid.tokenCount)
        }
        return TokenPosition(
            time: origin, row: origin + offset / grid.columnCount, column: origin + offset % grid.columnCount)
    }
}
