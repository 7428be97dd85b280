extension Checkpoint {
    /// What tells this checkpoint from another: the size of its files and a hash of what was looked at.
    ///
    /// Headers are hashed whole; of each tensor, the first 16 bytes of its middle, since fine-tunes of one model
    /// have equal headers. Not cryptographic: it tells files apart, not forgeries.
    package struct Identity: Hashable, Sendable {
        package let byteCount: Int
        package let hash: UInt64
    }

    package var identity: Identity {
        var hash = Fingerprint()
        var byteCount = 0
        if case .directory(let directory) = self, let config = try? directory.text(.config) {
            var config = config
            config.withUTF8 { hash.add(UnsafeRawBufferPointer($0)) }
        }
        for (table, headerByteCount) in zip(tables, headerByteCounts) {
            byteCount += table.file.byteCount
            hash.add(UnsafeRawBufferPointer(rebasing: table.file.bytes[..<headerByteCount]))
            for entry in table.entries {
                let middle = entry.range.lowerBound + entry.range.count / 2
                let sample = middle..<min(middle + 16, entry.range.upperBound)
                hash.add(UnsafeRawBufferPointer(rebasing: table.file.bytes[sample]))
            }
        }
        return Identity(byteCount: byteCount, hash: hash.value)
    }

    /// What the files say beside the weights: a directory's configuration, or the headers of GGUF files.
    package func forEachConfiguration(_ body: (UnsafeRawBufferPointer) -> Void) {
        if case .directory(let directory) = self {
            guard var config = try? directory.text(.config) else { return }
            return config.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
        for (table, headerByteCount) in zip(tables, headerByteCounts) {
            body(UnsafeRawBufferPointer(rebasing: table.file.bytes[..<headerByteCount]))
        }
    }

    /// Everything that a digest of the weights has to cover: the files with tensors, whole, and a directory's
    /// configuration. Valid while the checkpoint is.
    package func forEachContent(_ body: (UnsafeRawBufferPointer) -> Void) {
        if case .directory(let directory) = self, var config = try? directory.text(.config) {
            config.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
        for table in tables { body(table.file.bytes) }
    }

    private var headerByteCounts: [Int] {
        switch self {
        case .gguf(let file): file.parts.map(\.headerByteCount)
        case .directory(let directory): directory.weights.files.map(\.headerByteCount)
        }
    }
}

/// A 64-bit hash of byte runs, eight bytes a step: multiply by an odd constant, fold the high half down.
private struct Fingerprint {
    // The digits of pi's fractional part, so nobody chose it; and the golden ratio's, which is odd.
    private(set) var value: UInt64 = 0x243F_6A88_85A3_08D3
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        // The length first, so that runs cannot trade bytes.
        add(UInt64(bytes.count))
        var offset = 0
        while bytes.count - offset >= 8 {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        add(rest)
    }

    private mutating func add(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: Self.factor)
        value = product.high ^ product.low
    }
}

extension Checkpoint {
    /// Every file that was or may be read for it: those with tensors, and whatever a directory holds beside them.
    package var inputPaths: [String] {
        let files = [path] + tables.map(\.file.path)
        guard case .directory = self else { return files }
        return files + MappedFile.names(in: path).map { path + "/" + $0 }
    }
}
