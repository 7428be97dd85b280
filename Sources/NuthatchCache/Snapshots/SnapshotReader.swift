import NuthatchTensors

/// Reads a saved cache, having checked all of it.
///
/// The file is a stranger's until the last check passed: sizes are held against `SnapshotLimits` and the
/// file's true length before anything is allocated for them, and nothing in it is taken for a place in memory.
/// A page is checked again when it is handed out, for the file may change in between.
package struct SnapshotReader: ~Copyable {
    package let identity: SnapshotIdentity
    package let content: SnapshotContent
    private let file: DataFile
    private let header: SnapshotHeader

    /// Opens and checks a file.
    ///
    /// - Parameters:
    ///   - identity: what the cache must have been saved with; nil takes any.
    ///   - checksPages: whether every page is read and checked now. Whoever reads them all anyway, into a
    ///     shadow, may leave that to the reading.
    /// - Throws: `CacheError.snapshotRefused`, `CacheError.ioFailed`; `CacheError.outOfMemory` where there is
    ///   no room for one page.
    package init(
        path: String, expecting identity: SnapshotIdentity?, checksPages: Bool = true
    ) throws(CacheError) {
        let file = try DataFile(reading: path)
        let header = try Self.header(of: file)
        if let expected = identity {
            for aspect in SnapshotIdentity.Aspect.allCases
            where expected[aspect].digest != header.identity[aspect].digest {
                throw .snapshotRefused(
                    path: path,
                    .foreign(
                        aspect, expected: expected[aspect].description,
                        found: header.identity[aspect].description))
            }
        }
        let tokens = try Self.tokens(header, in: file)
        if checksPages { try Self.checkPages(header, in: file) }
        self.identity = header.identity
        content = SnapshotContent(
            tokenCount: header.tokenCount, tokens: tokens, layers: header.layers, grids: header.grids)
        self.file = file
        self.header = header
    }

    /// Reads one page.
    ///
    /// - Parameter memory: room for a page of that list.
    /// - Throws: `CacheError.snapshotRefused` where the file is no longer what was checked,
    ///   `CacheError.ioFailed`; what is in the memory then means nothing.
    package func readPage(
        layer: Int, list: Int, page: Int, into memory: UnsafeMutableRawPointer
    ) throws(CacheError) {
        try Self.readPage(header, in: file, layer: layer, list: list, page: page, into: memory)
    }

    // MARK: Checks

    private static func header(of file: borrowing DataFile) throws(CacheError) -> SnapshotHeader {
        let fileByteCount = try file.byteCount()
        let start = try file.readBytes(min(SnapshotLayout.preambleByteCount, fileByteCount), at: 0)
        let preamble: SnapshotPreamble
        do throws(SnapshotRefusal) {
            preamble = try SnapshotPreamble(decoding: start, fileByteCount: fileByteCount)
        } catch {
            throw .snapshotRefused(path: file.path, error)
        }
        let bytes = try file.readBytes(preamble.headerByteCount, at: SnapshotLayout.preambleByteCount)
        guard SnapshotLayout.checksum(bytes, at: SnapshotLayout.preambleByteCount) == preamble.headerChecksum
        else {
            throw .snapshotRefused(path: file.path, .damagedHeader(field: "header"))
        }
        do throws(SnapshotRefusal) {
            let header = try SnapshotHeader(decoding: bytes)
            guard header.layout.byteCount == fileByteCount else {
                throw SnapshotRefusal.damagedHeader(field: "table of offsets")
            }
            return header
        } catch {
            throw .snapshotRefused(path: file.path, error)
        }
    }

    /// The token ids lie within the file, whose length the header's layout has.
    private static func tokens(
        _ header: SnapshotHeader, in file: borrowing DataFile
    ) throws(CacheError) -> [Int32] {
        let offset = header.layout.tokensOffset
        let bytes = try file.readBytes(header.tokenIDCount * 4, at: offset)
        guard SnapshotLayout.checksum(bytes, at: offset) == header.tokensChecksum else {
            throw .snapshotRefused(path: file.path, .damagedHeader(field: "list of token ids"))
        }
        return stride(from: 0, to: bytes.count, by: 4).map { index in
            Int32(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * $1) })
        }
    }

    private static func checkPages(_ header: SnapshotHeader, in file: borrowing DataFile) throws(CacheError) {
        let largest = header.layers.joined().lazy.filter { $0.pageCount > 0 }.map(\.pageByteCount).max()
        guard let largest else { return }
        guard let memory = PageMemory.allocate(byteCount: largest, alignment: PageLayout.alignment) else {
            throw .outOfMemory(byteCount: largest, inUse: 0, budget: nil)
        }
        defer { PageMemory.free(memory, byteCount: largest) }
        for (layer, lists) in header.layers.enumerated() {
            for (list, pages) in lists.enumerated() {
                for page in 0..<pages.pageCount {
                    try readPage(header, in: file, layer: layer, list: list, page: page, into: memory)
                }
            }
        }
    }

    private static func readPage(
        _ header: SnapshotHeader, in file: borrowing DataFile, layer: Int, list: Int, page: Int,
        into memory: UnsafeMutableRawPointer
    ) throws(CacheError) {
        let pages = header.layers[layer][list]
        let bytes = UnsafeMutableRawBufferPointer(start: memory, count: pages.pageByteCount)
        let offset = header.layout.pageOffset(
            layer: layer, list: list, page: page, byteCount: pages.pageByteCount)
        let count = try file.read(at: offset, into: bytes)
        guard count == bytes.count,
            PageChecksum.of(UnsafeRawBufferPointer(bytes), seed: UInt64(offset))
                == header.pageChecksums[layer][list][page]
        else {
            throw .snapshotRefused(
                path: file.path, .damagedPage(layer: layer, list: pages.name, page: pages.firstPage + page))
        }
    }
}
