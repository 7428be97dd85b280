import NuthatchCheckpoints

/// Writes GGUF files, well-formed by default and wrong where a test asks for it.
struct GGUFBuilder {
    /// A metadata value's type number and bytes.
    struct Value {
        let type: UInt32
        let bytes: [UInt8]

        static func integer<Integer: FixedWidthInteger>(_ value: Integer, _ type: GGUFValueType) -> Value {
            Value(type: type.rawValue, bytes: littleEndian(value))
        }

        static func uint32(_ value: UInt32) -> Value { integer(value, .uint32) }

        static func string(_ value: String) -> Value {
            Value(type: GGUFValueType.string.rawValue, bytes: GGUFBuilder.string(value))
        }

        static func array(of type: GGUFValueType, _ elements: [[UInt8]], claiming count: UInt64? = nil)
            -> Value
        {
            let header = littleEndian(type.rawValue) + littleEndian(count ?? UInt64(elements.count))
            return Value(type: GGUFValueType.array.rawValue, bytes: header + elements.flatMap { $0 })
        }
    }

    struct Tensor {
        var name: String
        /// Innermost first, as stored.
        var dimensions: [UInt64]
        var type: UInt32
        var bytes: [UInt8]
        /// Nil: behind the tensor before it.
        var offset: UInt64?
    }

    var magic: [UInt8] = Array("GGUF".utf8)
    var version: UInt32 = 3
    var alignment = 32
    var pairs: [(key: [UInt8], value: Value)] = []
    var tensors: [Tensor] = []
    var claimedPairCount: UInt64?
    var claimedTensorCount: UInt64?

    mutating func add(_ key: String, _ value: Value) { pairs.append((Array(key.utf8), value)) }

    /// Adds an F32 tensor; `shape` is outermost first.
    mutating func add(_ name: String, shape: [Int], _ values: [Float], offset: UInt64? = nil) {
        tensors.append(
            Tensor(
                name: name, dimensions: shape.reversed().map(UInt64.init), type: 0,
                bytes: values.flatMap { littleEndian($0.bitPattern) }, offset: offset))
    }

    func build() -> [UInt8] {
        var file = magic + littleEndian(version)
        file += littleEndian(claimedTensorCount ?? UInt64(tensors.count))
        file += littleEndian(claimedPairCount ?? UInt64(pairs.count))
        for (key, value) in pairs {
            file += littleEndian(UInt64(key.count)) + key + littleEndian(value.type) + value.bytes
        }
        var data: [UInt8] = []
        for tensor in tensors {
            file += Self.string(tensor.name) + littleEndian(UInt32(tensor.dimensions.count))
            file += tensor.dimensions.flatMap { littleEndian($0) } + littleEndian(tensor.type)
            file += littleEndian(tensor.offset ?? UInt64(data.count))
            if tensor.offset == nil { data += padded(tensor.bytes) }
        }
        return tensors.isEmpty ? file : padded(file) + data
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }

    static func string(_ text: String) -> [UInt8] {
        littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
    }
}

func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
