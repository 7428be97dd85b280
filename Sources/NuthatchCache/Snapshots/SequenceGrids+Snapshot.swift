/// A sequence's images at the end of a saved cache's header; a sequence without any has nothing there.
extension SequenceGrids {
    private static let imageByteCount = 3 * 8 + GridContent.digestByteCount

    var savedByteCount: Int { isEmpty ? 0 : 4 + all.count * Self.imageByteCount }

    func append(to fields: inout SnapshotFieldWriter) {
        fields.append32(all.count)
        for grid in all {
            fields.append64(grid.start)
            fields.append64(grid.rowCount)
            fields.append64(grid.columnCount)
            fields.append(grid.content.digest)
        }
    }

    /// - Throws: `SnapshotRefusal.damagedHeader` for images that overlap, or begin behind the tokens.
    init(from fields: inout SnapshotFieldReader, tokenCount: Int) throws(SnapshotRefusal) {
        self.init()
        guard fields.remainingByteCount > 0 else { return }
        let limit = min(SnapshotLimits.imageCount, fields.remainingByteCount / Self.imageByteCount)
        for _ in 0..<(try fields.count32("number of images", limit: limit)) {
            let start = try fields.count64("place of an image", limit: CacheLimits.tokenCount)
            let rowCount = try fields.count64("height of an image", limit: CacheLimits.tokenCount)
            let columnCount = try fields.count64("width of an image", limit: CacheLimits.tokenCount)
            let digest = try fields.raw(GridContent.digestByteCount, "content of an image")
            guard start >= end, start < tokenCount else { throw .damagedHeader(field: "place of an image") }
            // Both are at most 2^31, so their product is none too large for an integer.
            guard rowCount > 0, columnCount > 0, rowCount * columnCount <= CacheLimits.tokenCount else {
                throw .damagedHeader(field: "size of an image")
            }
            append(
                TokenGrid(
                    start: start, rowCount: rowCount, columnCount: columnCount,
                    content: GridContent(digest: digest)))
        }
    }
}
