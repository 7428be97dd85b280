/// Reads a file's little-endian fields one after another, never past its end.
///
/// Borrows the bytes: keep the file that owns them alive.
struct ByteCursor {
    let file: String
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    init(_ file: MappedFile, at offset: Int = 0) {
        self.file = file.path
        bytes = file.bytes
        self.offset = offset
    }

    var remainingByteCount: Int { bytes.count - offset }

    /// Reads an integer; `part` says in an error what was being read.
    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ part: @autoclosure () -> String, as type: Integer.Type = Integer.self
    ) throws(CheckpointError) -> Integer {
        let start = offset
        try skip(UInt64(MemoryLayout<Integer>.size), part())
        return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Integer.self))
    }

    /// Reads a string's length and returns where its bytes lie, unread.
    mutating func stringRange(_ part: @autoclosure () -> String) throws(CheckpointError) -> Range<Int> {
        let byteCount = try integer(part(), as: UInt64.self)
        let start = offset
        try skip(byteCount, part())
        return start..<offset
    }

    /// Steps over `count` strings: vocabularies have hundreds of thousands, so this touches their lengths alone.
    mutating func skipStrings(_ count: Int, _ part: String) throws(CheckpointError) {
        for _ in 0..<count {
            let end = offset + 8
            guard end <= bytes.count else { return try skip(8, part) }
            let byteCount = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset = end
            guard byteCount <= UInt64(bytes.count - end) else { return try skip(byteCount, part) }
            offset = end + Int(byteCount)
        }
    }

    /// Reads a string of at most `limit` bytes.
    mutating func string(limit: CheckpointLimit, _ part: String) throws(CheckpointError) -> String {
        let range = try stringRange(part)
        guard range.count <= limit.maximum else {
            throw .limitExceeded(file: file, limit: limit, value: UInt64(range.count), field: part)
        }
        return try string(at: range, part)
    }

    /// The text at a range that was read before.
    func string(at range: Range<Int>, _ part: @autoclosure () -> String) throws(CheckpointError) -> String {
        guard let text = String(utf8: bytes[range]) else {
            throw .invalidUTF8(file: file, field: part())
        }
        return text
    }

    /// Steps over `byteCount` bytes, which a hostile file may have chosen.
    mutating func skip(_ byteCount: UInt64, _ part: @autoclosure () -> String) throws(CheckpointError) {
        guard byteCount <= UInt64(remainingByteCount) else {
            let (sum, overflow) = UInt64(offset).addingReportingOverflow(byteCount)
            throw .truncated(
                file: file, part: part(), expectedByteCount: overflow ? .max : sum,
                actualByteCount: bytes.count)
        }
        offset += Int(byteCount)
    }

    /// Checks that `count` things of at least `minimumByteCount` bytes each can still follow, before anything
    /// is allocated for them.
    func count(
        _ count: UInt64, minimumByteCount: Int, _ part: @autoclosure () -> String
    ) throws(CheckpointError) -> Int {
        guard count <= UInt64(remainingByteCount / minimumByteCount) else {
            let (product, overflow) = count.multipliedReportingOverflow(by: UInt64(minimumByteCount))
            let (sum, carry) = product.addingReportingOverflow(UInt64(offset))
            throw .truncated(
                file: file, part: part(), expectedByteCount: overflow || carry ? .max : sum,
                actualByteCount: bytes.count)
        }
        return Int(count)
    }
}
