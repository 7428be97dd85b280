import NuthatchTensors

/// Writes a saved cache: one is begun, given its pages in order, and finished.
///
/// It grows beside its target under a name of its own and takes the target's place in one step, when all of
/// it is on the disk; so the target is always whole, the old one or the new. A writer that fails or is let go
/// before that leaves nothing behind.
package struct SnapshotWriter: ~Copyable {
    private let replacement: FileReplacement
    private let identity: SnapshotIdentity
    private let content: SnapshotContent
    private let layout: SnapshotLayout
    /// [layer][list][page], of the pages written.
    private var checksums: [[[UInt64]]]
    private var layer = 0
    private var list = 0

    /// - Throws: `CacheError.diskFull` where there is no room for all of it, `CacheError.ioFailed`;
    ///   `CacheError.snapshotRefused` for content beyond `SnapshotLimits`, or a path that leads to another kind of file.
    package init(
        path: String, identity: SnapshotIdentity, content: SnapshotContent
    ) throws(CacheError) {
        if let field = content.impossibleField {
            throw .snapshotRefused(path: path, .impossibleContent(field: field))
        }
        let headerByteCount = SnapshotHeader.byteCount(identity, content.layers, content.grids)
        guard headerByteCount <= SnapshotLimits.headerByteCount,
            let layout = SnapshotLayout(
                headerByteCount: headerByteCount, tokenIDCount: content.tokens.count, layers: content.layers)
        else {
            throw .snapshotRefused(path: path, .impossibleContent(field: "number of pages"))
        }
        try Self.refuseOccupied(path)
        replacement = try Self.begin(path, byteCount: layout.byteCount)
        self.identity = identity
        self.content = content
        self.layout = layout
        checksums = content.layers.map { Array(repeating: [], count: $0.count) }
        skipFullRuns()
    }

    /// A saved cache may take another one's place, or an empty file's; whatever else has the name is somebody's.
    private static func refuseOccupied(_ path: String) throws(CacheError) {
        guard FileStatus(path: path) != nil else { return }
        let file = try DataFile(reading: path)
        let byteCount = min(try file.byteCount(), SnapshotLayout.magic.count)
        let start = try file.readBytes(byteCount, at: 0)
        guard start.isEmpty || start == SnapshotLayout.magic else {
            throw .snapshotRefused(path: path, .occupied)
        }
    }

    private static func begin(_ path: String, byteCount: Int) throws(CacheError) -> FileReplacement {
        do throws(FileError) {
            // For its owner alone: what a conversation left in a cache is as private as the conversation.
            let replacement = try FileReplacement(path, access: .owner, replaces: true)
            try replacement.file.extend(from: 0, to: byteCount)
            return replacement
        } catch {
            throw CacheError(error, byteCount: byteCount)
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CacheError) {
        do {
            try replacement.file.write(bytes, at: offset)
        } catch {
            throw CacheError(error, byteCount: bytes.count)
        }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(CacheError) {
        try bytes.withUnsafeBufferPointer { bytes throws(CacheError) in
            try write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }

    /// Bytes the file will have.
    package var byteCount: Int { layout.byteCount }

    /// Writes the next page: of the first layer's first list first, of the last layer's last list last.
    ///
    /// - Parameter memory: as many bytes as a page of that list has.
    /// - Throws: `CacheError.diskFull`, `CacheError.ioFailed`.
    package mutating func append(_ memory: UnsafeRawPointer) throws(CacheError) {
        precondition(layer < content.layers.count, "a saved cache has as many pages as were announced")
        let byteCount = content.layers[layer][list].pageByteCount
        let offset = layout.pageOffset(
            layer: layer, list: list, page: checksums[layer][list].count, byteCount: byteCount)
        let page = UnsafeRawBufferPointer(start: memory, count: byteCount)
        try write(page, at: offset)
        checksums[layer][list].append(PageChecksum.of(page, seed: UInt64(offset)))
        skipFullRuns()
    }

    /// Writes what remains and puts the file in its place.
    ///
    /// - Throws: `CacheError.diskFull`, `CacheError.ioFailed`; the target is then as it was.
    package consuming func finish() throws(CacheError) {
        precondition(layer == content.layers.count, "a saved cache has as many pages as were announced")
        var tokens = SnapshotFieldWriter()
        for token in content.tokens { tokens.append(UInt32(bitPattern: token)) }
        let header = SnapshotHeader(
            identity: identity, tokenCount: content.tokenCount, tokenIDCount: content.tokens.count,
            tokensChecksum: SnapshotLayout.checksum(tokens.bytes, at: layout.tokensOffset),
            layers: content.layers, grids: content.grids, pageChecksums: checksums, layout: layout
        ).encoded
        let preamble = SnapshotPreamble(header: header, fileByteCount: layout.byteCount).encoded
        try write(tokens.bytes, at: layout.tokensOffset)
        try write(preamble + header, at: 0)
        try Self.refuseOccupied(replacement.target)
        do { try replacement.commit() } catch { throw CacheError(error) }
    }

    /// Goes on to the list that the next page belongs to.
    private mutating func skipFullRuns() {
        while layer < content.layers.count {
            let lists = content.layers[layer]
            while list < lists.count, checksums[layer][list].count == lists[list].pageCount { list += 1 }
            if list < lists.count { return }
            layer += 1
            list = 0
        }
    }
}
