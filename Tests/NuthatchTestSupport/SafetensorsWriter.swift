import Foundation
package import NuthatchTensors

/// A safetensors file of float tensors, as bytes.
package struct SafetensorsWriter {
    private var header: [String: [String: [Int]]] = [:]
    private var formats: [String: ElementFormat] = [:]
    private var body: [UInt8] = []

    package init() {}

    /// - Parameter format: F32, F16 or BF16.
    package mutating func add(
        _ name: String, shape: [Int], _ values: [Float], as format: ElementFormat = .f32
    ) {
        precondition(values.count == shape.reduce(1, *), "as many values as the shape has elements")
        let start = body.count
        var bytes = [UInt8](repeating: 0, count: values.count * format.blockByteCount)
        values.withUnsafeBufferPointer { values in
            bytes.withUnsafeMutableBytes { format.encode(values, into: $0) }
        }
        body += bytes
        formats[name] = format
        header[name] = ["shape": shape, "data_offsets": [start, body.count]]
    }

    package func bytes() throws -> [UInt8] {
        var object: [String: Any] = [:]
        for (name, fields) in header {
            var entry: [String: Any] = fields
            entry["dtype"] = (formats[name] ?? .f32).rawValue
            object[name] = entry
        }
        let json = try JSONSerialization.data(withJSONObject: object)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + Array(json) + body
    }
}
