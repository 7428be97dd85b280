/// Tokens of a sequence that stand for an image: its patches, as many as its decoder reads, row by row.
///
/// Their ids are all alike. What tells two images of one size apart is `content`.
package struct TokenGrid: Sendable, Hashable {
    /// The position of the first of them.
    package let start: Int
    package let rowCount: Int
    package let columnCount: Int
    package let content: GridContent

    package init(start: Int, rowCount: Int, columnCount: Int, content: GridContent) {
        precondition(start >= 0 && rowCount > 0 && columnCount > 0, "an image has tokens")
        self.start = start
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.content = content
    }

    package var tokenCount: Int { rowCount * columnCount }
    package var range: Range<Int> { start..<start + tokenCount }
}

/// What an image shows, as 32 bytes that are equal where its pixels are.
package struct GridContent: Sendable, Hashable {
    package static let digestByteCount = 32

    package let digest: [UInt8]

    package init(digest: [UInt8]) {
        precondition(digest.count == Self.digestByteCount, "a digest has 32 bytes")
        self.digest = digest
    }
}
