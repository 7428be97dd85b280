/// The header of a GGUF file, walked and checked.
///
/// ```
/// magic "GGUF" | version u32 | tensor count u64 | pair count u64
/// pairs:    key string | value type u32 | value                        string = byte count u64 | bytes
/// tensors:  name string | dimension count u32 | dimensions u64... (innermost first) | type u32 | offset u64
/// padding to the alignment | tensor bytes, each tensor at a multiple of the alignment
/// ```
/// Source: ggml's docs/gguf.md. Versions 2 and 3 differ only in that 3 allows big-endian files.
struct GGUFHeader {
    /// One tensor as the header states it.
    struct TensorInfo {
        let name: String
        /// Innermost dimension first, as stored.
        let dimensions: [Int]
        let elementCount: Int
        let type: UInt32
        /// From the start of the tensor bytes.
        let offset: UInt64
    }

    let version: UInt32
    let metadata: GGUFMetadata
    let tensors: [TensorInfo]
    /// Bytes up to the end of the last tensor's info, before padding.
    let byteCount: Int

    init(_ file: MappedFile) throws(CheckpointError) {
        var cursor = ByteCursor(file)
        version = try Self.readVersion(from: &cursor)
        let tensorCount = try cursor.integer("the tensor count", as: UInt64.self)
        let pairCount = try cursor.integer("the metadata count", as: UInt64.self)
        metadata = try Self.readMetadata(from: &cursor, count: pairCount, file: file)
        tensors = try Self.readTensors(from: &cursor, count: tensorCount)
        byteCount = cursor.offset
    }

    private static func readVersion(from cursor: inout ByteCursor) throws(CheckpointError) -> UInt32 {
        let magic = Array(cursor.bytes.prefix(4))
        guard magic == Array("GGUF".utf8) else { throw .badMagic(file: cursor.file, found: magic) }
        try cursor.skip(4, "the magic number")
        let version = try cursor.integer("the version", as: UInt32.self)
        switch version {
        case 2, 3: return version
        case _ where version & 0xFFFF == 0 && version != 0: throw .bigEndian(file: cursor.file)
        default: throw .unsupportedVersion(file: cursor.file, version: version)
        }
    }

    private static func readMetadata(
        from cursor: inout ByteCursor, count: UInt64, file: MappedFile
    ) throws(CheckpointError) -> GGUFMetadata {
        // A pair: the key's length, the type, one byte of value.
        let count = try cursor.count(count, minimumByteCount: 8 + 4 + 1, "the metadata")
        var keys: [String] = []
        var entries: [ExactKey: GGUFMetadata.Entry] = [:]
        keys.reserveCapacity(count)
        entries.reserveCapacity(count)
        for index in 0..<count {
            let key = try cursor.string(limit: .keyByteCount, "the key of metadata pair \(index)")
            let type = try readType(from: &cursor, key: key)
            let entry = GGUFMetadata.Entry(type: type, offset: cursor.offset)
            try skipValue(type, in: &cursor, depth: 0, key: key)
            guard entries.updateValue(entry, forKey: ExactKey(key)) == nil else {
                throw .duplicateKey(file: cursor.file, key: key)
            }
            keys.append(key)
        }
        return GGUFMetadata(file: file, keys: keys, entries: entries)
    }

    private static func readType(
        from cursor: inout ByteCursor, key: String
    ) throws(CheckpointError) -> GGUFValueType {
        let raw = try cursor.integer("the type of \(key)", as: UInt32.self)
        guard let type = GGUFValueType(rawValue: raw) else {
            throw .malformed(file: cursor.file, field: key, reason: "its value type \(raw) is unknown")
        }
        return type
    }

    static func skipValue(
        _ type: GGUFValueType, in cursor: inout ByteCursor, depth: UInt64, key: String
    ) throws(CheckpointError) {
        switch type {
        case .bool:
            let byte = try cursor.integer(key, as: UInt8.self)
            guard byte <= 1 else {
                throw .malformed(
                    file: cursor.file, field: key, reason: "its boolean is \(byte), neither 0 nor 1")
            }
        case .string: _ = try cursor.stringRange(key)
        case .array: _ = try readArray(from: &cursor, depth: depth + 1, key: key)
        default: try cursor.skip(UInt64(type.minimumByteCount), key)
        }
    }

    /// Reads an array's type and count, and steps over its elements.
    static func readArray(
        from cursor: inout ByteCursor, depth: UInt64, key: String
    ) throws(CheckpointError) -> GGUFArray {
        guard depth <= CheckpointLimit.arrayDepth.maximum else {
            throw .limitExceeded(file: cursor.file, limit: .arrayDepth, value: depth, field: key)
        }
        let elementType = try readType(from: &cursor, key: key)
        let claimedCount = try cursor.integer("the length of \(key)", as: UInt64.self)
        let count = try cursor.count(claimedCount, minimumByteCount: elementType.minimumByteCount, key)
        let array = GGUFArray(elementType: elementType, count: count, offset: cursor.offset)
        if elementType == .string {
            try cursor.skipStrings(count, key)
        } else if let byteCount = elementType.byteCount, elementType != .bool {
            // No overflow: the product was just checked against the file's size.
            try cursor.skip(UInt64(count * byteCount), key)
        } else {
            for _ in 0..<count { try skipValue(elementType, in: &cursor, depth: depth, key: key) }
        }
        return array
    }
}
