/// A JSON value together with the file it came from and its place there, so that errors can name both.
///
/// Required forms throw where a member is missing or null; optional forms give nil for both; either throws
/// where it has another type.
package struct JSONField: Sendable {
    package let file: String
    /// The path from the root: "" for the root itself, "rope_scaling.factor", "added_tokens[3]".
    package let path: String
    package let value: JSONValue

    package init(_ value: JSONValue, file: String, path: String = "") {
        self.value = value
        self.file = file
        self.path = path
    }

    package func string(_ key: String) throws(CheckpointError) -> String {
        try required(key, "a string", \.string)
    }

    package func optionalString(_ key: String) throws(CheckpointError) -> String? {
        try optional(key, "a string", \.string)
    }

    package func integer(_ key: String) throws(CheckpointError) -> Int {
        try required(key, "an integer", \.integer)
    }

    package func optionalInteger(_ key: String) throws(CheckpointError) -> Int? {
        try optional(key, "an integer", \.integer)
    }

    package func number(_ key: String) throws(CheckpointError) -> Double {
        try required(key, "a number", \.number)
    }

    package func optionalNumber(_ key: String) throws(CheckpointError) -> Double? {
        try optional(key, "a number", \.number)
    }

    package func bool(_ key: String) throws(CheckpointError) -> Bool {
        try required(key, "a boolean", \.bool)
    }

    package func optionalBool(_ key: String) throws(CheckpointError) -> Bool? {
        try optional(key, "a boolean", \.bool)
    }

    /// A member that is an object.
    package func object(_ key: String) throws(CheckpointError) -> JSONField {
        JSONField(.object(try required(key, "an object", \.object)), file: file, path: path(of: key))
    }

    package func optionalObject(_ key: String) throws(CheckpointError) -> JSONField? {
        guard let object = try optional(key, "an object", \.object) else { return nil }
        return JSONField(.object(object), file: file, path: path(of: key))
    }

    /// The elements of a member that is an array.
    package func elements(_ key: String) throws(CheckpointError) -> [JSONField] {
        elements(try required(key, "an array", \.array), at: path(of: key))
    }

    package func optionalElements(_ key: String) throws(CheckpointError) -> [JSONField]? {
        try optional(key, "an array", \.array).map { elements($0, at: path(of: key)) }
    }

    package func strings(_ key: String) throws(CheckpointError) -> [String] {
        try required(key, "an array of strings") { Self.all($0.array, \.string) }
    }

    package func optionalStrings(_ key: String) throws(CheckpointError) -> [String]? {
        try optional(key, "an array of strings") { Self.all($0.array, \.string) }
    }

    package func integers(_ key: String) throws(CheckpointError) -> [Int] {
        try required(key, "an array of integers") { Self.all($0.array, \.integer) }
    }

    package func optionalIntegers(_ key: String) throws(CheckpointError) -> [Int]? {
        try optional(key, "an array of integers") { Self.all($0.array, \.integer) }
    }

    package func numbers(_ key: String) throws(CheckpointError) -> [Double] {
        try required(key, "an array of numbers") { Self.all($0.array, \.number) }
    }

    package func optionalNumbers(_ key: String) throws(CheckpointError) -> [Double]? {
        try optional(key, "an array of numbers") { Self.all($0.array, \.number) }
    }

    /// A member of any kind; nil where it is missing or null.
    /// Whether there is such a member, be it null.
    package func states(_ key: String) -> Bool { value[key] != nil }

    package subscript(key: String) -> JSONField? {
        guard let member = value[key], !member.isNull else { return nil }
        return JSONField(member, file: file, path: path(of: key))
    }

    /// The error for this value where something else was expected.
    package func wrongType(expected: String) -> CheckpointError {
        let name = path.isEmpty ? "the root value" : path
        return .wrongType(file: file, key: name, expected: expected, found: value.kindDescription)
    }

    /// The elements, where this value is an array.
    package var elements: [JSONField]? {
        value.array.map { elements($0, at: path) }
    }

    private func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func elements(_ array: [JSONValue], at path: String) -> [JSONField] {
        array.enumerated().map { index, element in
            JSONField(element, file: file, path: "\(path)[\(index)]")
        }
    }

    private func required<Value>(
        _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) throws(CheckpointError) -> Value {
        guard let value = try optional(key, expected, convert) else {
            throw .missingKey(file: file, key: path(of: key), expected: expected)
        }
        return value
    }

    private func optional<Value>(
        _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) throws(CheckpointError) -> Value? {
        guard let object = value.object else { throw wrongType(expected: "an object") }
        guard let member = object[key], !member.isNull else { return nil }
        if let converted = convert(member) { return converted }
        throw JSONField(member, file: file, path: path(of: key)).wrongType(expected: expected)
    }

    private static func all<Value>(_ array: [JSONValue]?, _ convert: (JSONValue) -> Value?) -> [Value]? {
        guard let array else { return nil }
        var values: [Value] = []
        values.reserveCapacity(array.count)
        for element in array {
            guard let value = convert(element) else { return nil }
            values.append(value)
        }
        return values
    }
}
