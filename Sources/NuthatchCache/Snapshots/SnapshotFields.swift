/// Fields written one behind the other, little-endian.
struct SnapshotFieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    mutating func append32(_ value: Int) {
        append(UInt32(truncatingIfNeeded: value))
    }

    mutating func append64(_ value: Int) {
        append(UInt64(truncatingIfNeeded: value))
    }

    mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(text: String) {
        append32(text.utf8.count)
        append(text.utf8)
    }
}

/// Fields read one behind the other. Every reading names what it reads and what it may be: the bytes are a
/// stranger's. What can't be is refused as `SnapshotRefusal.damagedHeader`.
struct SnapshotFieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var remainingByteCount: Int { bytes.count - position }

    mutating func raw(_ count: Int, _ field: String) throws(SnapshotRefusal) -> [UInt8] {
        guard count <= remainingByteCount else { throw .damagedHeader(field: field) }
        position += count
        return Array(bytes[position - count..<position])
    }

    mutating func number<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ field: String
    ) throws(SnapshotRefusal) -> Value {
        let byteCount = Value.bitWidth / 8
        guard byteCount <= remainingByteCount else { throw .damagedHeader(field: field) }
        defer { position += byteCount }
        return (0..<byteCount).reduce(0) { $0 | Value(bytes[position + $1]) << (8 * $1) }
    }

    mutating func count32(_ field: String, limit: Int) throws(SnapshotRefusal) -> Int {
        try Self.bounded(UInt64(number(UInt32.self, field)), field, limit: limit)
    }

    mutating func count64(_ field: String, limit: Int) throws(SnapshotRefusal) -> Int {
        try Self.bounded(number(UInt64.self, field), field, limit: limit)
    }

    mutating func text(_ field: String, limit: Int) throws(SnapshotRefusal) -> String {
        let count = try count32(field, limit: limit)
        guard let text = String(validating: try raw(count, field), as: UTF8.self) else {
            throw .damagedHeader(field: field)
        }
        return text
    }

    private static func bounded(_ value: UInt64, _ field: String, limit: Int) throws(SnapshotRefusal) -> Int {
        guard value <= UInt64(limit) else { throw .damagedHeader(field: field) }
        return Int(value)
    }
}
