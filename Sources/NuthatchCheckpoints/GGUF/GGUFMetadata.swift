/// The key-value pairs of a GGUF header.
///
/// Opening a file walks all values once and checks that they lie within it; strings and arrays stay in the
/// mapping until they are asked for, so a vocabulary costs nothing to who does not read it.
package struct GGUFMetadata: Sendable {
    struct Entry: Sendable {
        let type: GGUFValueType
        /// Where the value's bytes begin, after its type.
        let offset: Int
    }

    let file: MappedFile
    /// Put before every key asked for: "" or, for instance, "llama.".
    let prefix: String
    private let entries: [ExactKey: Entry]
    /// All keys, in file order.
    package let keys: [String]

    init(file: MappedFile, keys: [String], entries: [ExactKey: Entry]) {
        self.init(file: file, prefix: "", keys: keys, entries: entries)
    }

    private init(file: MappedFile, prefix: String, keys: [String], entries: [ExactKey: Entry]) {
        self.file = file
        self.prefix = prefix
        self.keys = keys
        self.entries = entries
    }

    /// These pairs with keys shortened by `scope` and a full stop: "block_count" for "llama.block_count".
    package func scoped(to scope: String) -> GGUFMetadata {
        GGUFMetadata(file: file, prefix: "\(prefix)\(scope).", keys: keys, entries: entries)
    }

    /// `general.architecture`: the model family.
    package func architecture() throws(CheckpointError) -> String {
        try string("general.architecture")
    }

    /// The pairs of the file's architecture: "block_count" for "llama.block_count".
    package func architectureScope() throws(CheckpointError) -> GGUFMetadata {
        scoped(to: try architecture())
    }

    package func contains(_ key: String) -> Bool { entries[ExactKey(prefix + key)] != nil }

    /// A value's type; nil where the key is missing.
    package func type(of key: String) -> GGUFValueType? { entries[ExactKey(prefix + key)]?.type }

    /// A value; nil where the key is missing.
    ///
    /// - Throws: `CheckpointError.invalidUTF8` for a string that is none.
    package func value(_ key: String) throws(CheckpointError) -> GGUFValue? {
        guard let entry = entries[ExactKey(prefix + key)] else { return nil }
        var cursor = ByteCursor(file, at: entry.offset)
        return try Self.read(entry.type, from: &cursor, key: prefix + key)
    }

    /// A value as the file has it, and its type; nil where the key is missing.
    func encoded(
        _ key: String
    ) throws(CheckpointError) -> (type: GGUFValueType, bytes: UnsafeRawBufferPointer)? {
        guard let entry = entries[ExactKey(prefix + key)] else { return nil }
        var cursor = ByteCursor(file, at: entry.offset)
        try GGUFHeader.skipValue(entry.type, in: &cursor, depth: 0, key: prefix + key)
        return (entry.type, UnsafeRawBufferPointer(rebasing: file.bytes[entry.offset..<cursor.offset]))
    }

    /// Calls `body` with each element of an array.
    func forEachElement(
        of array: GGUFArray, key: String, _ body: (GGUFValue) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var cursor = ByteCursor(file, at: array.offset)
        for _ in 0..<array.count {
            try body(Self.read(array.elementType, from: &cursor, key: key))
        }
    }

    /// The first elements of an array, for people to read.
    func elements(of array: GGUFArray, upTo count: Int) throws(CheckpointError) -> [GGUFValue] {
        var cursor = ByteCursor(file, at: array.offset)
        var elements: [GGUFValue] = []
        for _ in 0..<min(array.count, count) {
            elements.append(try Self.read(array.elementType, from: &cursor, key: "an array"))
        }
        return elements
    }

    /// The elements of an array of arrays or of any other kind.
    package func elements(of array: GGUFArray) throws(CheckpointError) -> [GGUFValue] {
        var elements: [GGUFValue] = []
        // The walk at opening saw this many elements of at least one byte each.
        elements.reserveCapacity(array.count)
        try forEachElement(of: array, key: "an array") { element throws(CheckpointError) in
            elements.append(element)
        }
        return elements
    }

    private static func read(
        _ type: GGUFValueType, from cursor: inout ByteCursor, key: String
    ) throws(CheckpointError) -> GGUFValue {
        switch type {
        case .uint8: return .uint8(try cursor.integer(key))
        case .int8: return .int8(try cursor.integer(key))
        case .uint16: return .uint16(try cursor.integer(key))
        case .int16: return .int16(try cursor.integer(key))
        case .uint32: return .uint32(try cursor.integer(key))
        case .int32: return .int32(try cursor.integer(key))
        case .uint64: return .uint64(try cursor.integer(key))
        case .int64: return .int64(try cursor.integer(key))
        case .float32: return .float32(Float(bitPattern: try cursor.integer(key)))
        case .float64: return .float64(Double(bitPattern: try cursor.integer(key)))
        case .bool: return .bool(try cursor.integer(key, as: UInt8.self) != 0)
        case .string:
            let range = try cursor.stringRange(key)
            return .string(try cursor.string(at: range, key))
        case .array: return .array(try GGUFHeader.readArray(from: &cursor, depth: 1, key: key))
        }
    }
}
