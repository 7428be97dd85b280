/// Rows cut into segments, within which each row sees all: an image, or its windows.
///
///     rows      0                        140            204   ...
///     segments  | 140 rows              | 64 rows      |
///     pages     | 64    | 64    | 12    | 64           |
///     blocks    | 32| 32| 32| 32| 12    | 32  | 32     |
///
/// A segment begins with a page of its own, and its pages follow each other, so that attention reads them as it reads a
/// sequence's.
struct SegmentLayout: Sendable {
    /// Slots of a page: the patches of a window of Qwen2.5-VL, 8 x 8.
    static let pageLength = 64
    /// Rows whose queries read a page as one; see `AttentionTiling.blockLength`.
    static let blockLength = 32

    struct Block: Sendable {
        let segment: Int
        let rows: Range<Int>
    }

    let segments: [Range<Int>]
    /// Rows of each page, in order.
    let pages: [Range<Int>]
    /// Pages of each segment.
    let segmentPages: [Range<Int>]
    let blocks: [Block]

    /// - Parameter segments: adjacent, in order, none empty.
    init(_ segments: [Range<Int>]) {
        self.segments = segments
        var pages: [Range<Int>] = []
        var segmentPages: [Range<Int>] = []
        var blocks: [Block] = []
        for (index, segment) in segments.enumerated() {
            let first = pages.count
            for start in stride(from: segment.lowerBound, to: segment.upperBound, by: Self.pageLength) {
                pages.append(start..<min(start + Self.pageLength, segment.upperBound))
            }
            segmentPages.append(first..<pages.count)
            for start in stride(from: segment.lowerBound, to: segment.upperBound, by: Self.blockLength) {
                let end = min(start + Self.blockLength, segment.upperBound)
                blocks.append(Block(segment: index, rows: start..<end))
            }
        }
        self.pages = pages
        self.segmentPages = segmentPages
        self.blocks = blocks
    }

    /// The pages that hold some of the rows.
    func pages(of rows: Range<Int>) -> Range<Int> {
        guard !rows.isEmpty else { return 0..<0 }
        return firstPage(endingBehind: rows.lowerBound)..<firstPage(endingBehind: rows.upperBound - 1) + 1
    }

    private func firstPage(endingBehind row: Int) -> Int {
        var (low, high) = (0, pages.count)
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].upperBound > row { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
