import Foundation

/// Writes the header of a GGUF file, version 3, without tensors (the specification's layout, little-endian).
struct GGUFWriter {
    enum Value {
        case uint32(UInt32)
        case bool(Bool)
        case string(String)
        case strings([String])
        case floats([Float])
        case integers([Int32])
        case bytes([UInt8])
    }

    private var body = Data()
    private var count: UInt64 = 0

    mutating func set(_ key: String, _ value: Value) {
        count += 1
        append(key)
        switch value {
        case .uint32(let value): append(UInt32(4), value)
        case .bool(let value):
            append(UInt32(7))
            body.append(value ? 1 : 0)
        case .string(let value):
            append(UInt32(8))
            append(value)
        case .strings(let values):
            append(UInt32(9), UInt32(8))
            append(UInt64(values.count))
            for value in values { append(value) }
        case .floats(let values):
            append(UInt32(9), UInt32(6))
            append(UInt64(values.count))
            for value in values { append(value.bitPattern) }
        case .integers(let values):
            append(UInt32(9), UInt32(5))
            append(UInt64(values.count))
            for value in values { append(value) }
        case .bytes(let values):
            append(UInt32(9), UInt32(0))
            append(UInt64(values.count))
            body.append(contentsOf: values)
        }
    }

    /// The file's bytes.
    var data: Data {
        var header = GGUFWriter()
        header.body.append(contentsOf: Array("GGUF".utf8))
        header.append(UInt32(3))
        header.append(UInt64(0), count)
        return header.body + body
    }

    private mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        body.append(contentsOf: Array(text.utf8))
    }

    private mutating func append<Value: FixedWidthInteger>(_ values: Value...) {
        for value in values { withUnsafeBytes(of: value.littleEndian) { body.append(contentsOf: $0) } }
    }
}

/// Calls `body` with the path of a file that holds `data` for so long.
func withTemporaryFile<Result>(_ data: Data, _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "nuthatch-\(UUID().uuidString).gguf")
    try data.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}
