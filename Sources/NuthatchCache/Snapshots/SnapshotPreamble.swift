/// The first 48 bytes of a saved cache, see `SnapshotLayout`.
struct SnapshotPreamble {
    let headerByteCount: Int
    let headerChecksum: UInt64
    let fileByteCount: Int

    init(header: [UInt8], fileByteCount: Int) {
        headerByteCount = header.count
        headerChecksum = SnapshotLayout.checksum(header, at: SnapshotLayout.preambleByteCount)
        self.fileByteCount = fileByteCount
    }

    var encoded: [UInt8] {
        var fields = SnapshotFieldWriter()
        fields.append(SnapshotLayout.magic)
        fields.append32(SnapshotLayout.version)
        fields.append32(SnapshotLayout.alignment)
        fields.append64(headerByteCount)
        fields.append64(fileByteCount)
        fields.append(headerChecksum)
        fields.append(SnapshotLayout.checksum(fields.bytes, at: 0))
        return fields.bytes
    }

    /// - Parameter bytes: the file's first, fewer than 48 where it has no more.
    init(decoding bytes: [UInt8], fileByteCount found: Int) throws(SnapshotRefusal) {
        let magic = SnapshotLayout.magic
        guard bytes.starts(with: magic) else { throw .notASnapshot }
        guard bytes.count == SnapshotLayout.preambleByteCount else {
            throw .wrongLength(expected: SnapshotLayout.preambleByteCount, found: found)
        }
        var fields = SnapshotFieldReader(Array(bytes[magic.count...]))
        // Before any checksum: a later version may compute others.
        let version = Int(try fields.number(UInt32.self, "version"))
        if version > SnapshotLayout.version {
            throw .newerVersion(found: version, known: SnapshotLayout.version)
        }
        let alignment = Int(try fields.number(UInt32.self, "alignment"))
        headerByteCount = try fields.count64(
            "length of the header", limit: SnapshotLimits.headerByteCount)
        fileByteCount = try fields.count64("length of the file", limit: .max)
        headerChecksum = try fields.number(UInt64.self, "checksum of the header")
        let checksum = try fields.number(UInt64.self, "checksum of the preamble")
        let checked = Array(bytes[..<SnapshotLayout.checkedPreambleByteCount])
        guard checksum == SnapshotLayout.checksum(checked, at: 0) else {
            throw .damagedHeader(field: "preamble")
        }
        guard version == SnapshotLayout.version else { throw .damagedHeader(field: "version") }
        guard alignment == SnapshotLayout.alignment else { throw .damagedHeader(field: "alignment") }
        guard fileByteCount == found else { throw .wrongLength(expected: fileByteCount, found: found) }
        guard headerByteCount <= found - SnapshotLayout.preambleByteCount else {
            throw .damagedHeader(field: "length of the header")
        }
    }
}
