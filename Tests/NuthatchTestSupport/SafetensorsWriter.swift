import Foundation

/// A safetensors file of float32 tensors, as bytes.
package struct SafetensorsWriter {
    private var header: [String: [String: [Int]]] = [:]
    private var body: [UInt8] = []

    package init() {}

    package mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "as many values as the shape has elements")
        let start = body.count
        values.withUnsafeBytes { body.append(contentsOf: $0) }
        header[name] = ["shape": shape, "data_offsets": [start, body.count]]
    }

    package func bytes() throws -> [UInt8] {
        var object: [String: Any] = [:]
        for (name, fields) in header {
            var entry: [String: Any] = fields
            entry["dtype"] = "F32"
            object[name] = entry
        }
        let json = try JSONSerialization.data(withJSONObject: object)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + Array(json) + body
    }
}
