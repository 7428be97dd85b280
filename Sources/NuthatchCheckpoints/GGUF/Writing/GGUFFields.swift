/// The key-value pairs of a GGUF file to be written, encoded as they are set, in order.
package struct GGUFFields: Sendable {
    private var places: [ExactKey: Int] = [:]
    private(set) var pairs: [(key: String, type: GGUFValueType, bytes: [UInt8])] = []

    package init() {}

    package var keys: [String] { pairs.map(\.key) }

    package mutating func set(_ key: String, _ value: String) {
        set(key, .string, Self.encoded(value))
    }

    package mutating func set(_ key: String, _ value: Bool) {
        set(key, .bool, [value ? 1 : 0])
    }

    /// As 32 unsigned bits, what readers expect sizes and ids in.
    package mutating func set(_ key: String, _ value: UInt32) {
        set(key, .uint32, Self.encoded(value))
    }

    package mutating func set(_ key: String, _ value: Float) {
        set(key, .float32, Self.encoded(value.bitPattern))
    }

    package mutating func set(_ key: String, _ values: some Collection<String>) {
        set(key, of: .string, values) { Self.append($0, to: &$1) }
    }

    package mutating func set(_ key: String, _ values: some Collection<Float>) {
        set(key, of: .float32, values) { Self.append($0.bitPattern, to: &$1) }
    }

    package mutating func set(_ key: String, _ values: some Collection<Int32>) {
        set(key, of: .int32, values) { Self.append($0, to: &$1) }
    }

    package mutating func set(_ key: String, _ values: some Collection<Bool>) {
        set(key, of: .bool, values) { $1.append($0 ? 1 : 0) }
    }

    /// Takes over all pairs of another file but some, as they are.
    package mutating func copy(
        _ metadata: GGUFMetadata, where isWanted: (String) -> Bool
    ) throws(CheckpointError) {
        for key in metadata.keys where isWanted(key) {
            guard let (type, bytes) = try metadata.encoded(key) else { continue }
            set(key, type, Array(bytes))
        }
    }

    private mutating func set<Values: Collection>(
        _ key: String, of type: GGUFValueType, _ values: Values,
        _ append: (Values.Element, inout [UInt8]) -> Void
    ) {
        var bytes = Self.encoded(type.rawValue)
        Self.append(UInt64(values.count), to: &bytes)
        for value in values { append(value, &bytes) }
        set(key, .array, bytes)
    }

    private mutating func set(_ key: String, _ type: GGUFValueType, _ bytes: [UInt8]) {
        if let place = places[ExactKey(key)] {
            pairs[place] = (key, type, bytes)
        } else {
            places[ExactKey(key)] = pairs.count
            pairs.append((key, type, bytes))
        }
    }

    // MARK: Bytes

    static func encoded(_ value: some FixedWidthInteger) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return bytes
    }

    static func encoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A length, then the UTF-8.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }
}
