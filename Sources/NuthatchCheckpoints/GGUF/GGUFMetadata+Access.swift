// Typed access. Required forms throw `missingKey` where the optional ones give nil; both throw `wrongType`,
// naming file, whole key, expected and found type, for a value of another type.

extension GGUFMetadata {
    package func string(_ key: String) throws(CheckpointError) -> String {
        try required(key, "a string", try optionalString(key))
    }

    package func optionalString(_ key: String) throws(CheckpointError) -> String? {
        try converted(key, "a string", \.string)
    }

    /// An integer of any width that fits Int.
    package func integer(_ key: String) throws(CheckpointError) -> Int {
        try required(key, "an integer", try optionalInteger(key))
    }

    package func optionalInteger(_ key: String) throws(CheckpointError) -> Int? {
        try converted(key, "an integer", \.integer)
    }

    /// A float of either width, or an integer, converted.
    package func number(_ key: String) throws(CheckpointError) -> Double {
        try required(key, "a number", try optionalNumber(key))
    }

    package func optionalNumber(_ key: String) throws(CheckpointError) -> Double? {
        try converted(key, "a number", \.number)
    }

    package func bool(_ key: String) throws(CheckpointError) -> Bool {
        try required(key, "a boolean", try optionalBool(key))
    }

    package func optionalBool(_ key: String) throws(CheckpointError) -> Bool? {
        try converted(key, "a boolean", \.bool)
    }

    package func strings(_ key: String) throws(CheckpointError) -> [String] {
        try required(key, "an array of strings", try optionalStrings(key))
    }

    package func optionalStrings(_ key: String) throws(CheckpointError) -> [String]? {
        let expected = "an array of strings"
        guard let array = try converted(key, expected, \.array) else { return nil }
        // An empty array has no element of a wrong type; converters write one with any type.
        guard array.elementType == .string || array.count == 0 else {
            throw .wrongType(
                file: file.path, key: prefix + key, expected: expected,
                found: "an array with \(array.elementType.kindDescription) at 0")
        }
        return try readStrings(of: array, key: prefix + key)
    }

    package func integers(_ key: String) throws(CheckpointError) -> [Int] {
        try required(key, "an array of integers", try optionalIntegers(key))
    }

    package func optionalIntegers(_ key: String) throws(CheckpointError) -> [Int]? {
        try convertedArray(key, "an array of integers", \.integer)
    }

    package func numbers(_ key: String) throws(CheckpointError) -> [Double] {
        try required(key, "an array of numbers", try optionalNumbers(key))
    }

    package func optionalNumbers(_ key: String) throws(CheckpointError) -> [Double]? {
        try convertedArray(key, "an array of numbers", \.number)
    }

    package func bools(_ key: String) throws(CheckpointError) -> [Bool] {
        try required(key, "an array of booleans", try optionalBools(key))
    }

    package func optionalBools(_ key: String) throws(CheckpointError) -> [Bool]? {
        try convertedArray(key, "an array of booleans", \.bool)
    }
}

extension GGUFMetadata {
    private func required<Value>(
        _ key: String, _ expected: String, _ value: Value?
    ) throws(CheckpointError) -> Value {
        guard let value else { throw .missingKey(file: file.path, key: prefix + key, expected: expected) }
        return value
    }

    private func converted<Value>(
        _ key: String, _ expected: String, _ convert: (GGUFValue) -> Value?
    ) throws(CheckpointError) -> Value? {
        guard let type = type(of: key), let value = try value(key) else { return nil }
        guard let converted = convert(value) else {
            throw .wrongType(
                file: file.path, key: prefix + key, expected: expected, found: type.kindDescription)
        }
        return converted
    }

    /// Reads strings without a `GGUFValue` for each: vocabularies have hundreds of thousands.
    private func readStrings(of array: GGUFArray, key: String) throws(CheckpointError) -> [String] {
        var cursor = ByteCursor(file, at: array.offset)
        var strings: [String] = []
        strings.reserveCapacity(array.count)
        for _ in 0..<array.count {
            let range = try cursor.stringRange(key)
            strings.append(try cursor.string(at: range, key))
        }
        return strings
    }

    private func convertedArray<Element>(
        _ key: String, _ expected: String, _ convert: (GGUFValue) -> Element?
    ) throws(CheckpointError) -> [Element]? {
        guard let array = try converted(key, expected, \.array) else { return nil }
        let name = prefix + key
        var elements: [Element] = []
        // The walk at opening saw this many elements of at least one byte each.
        elements.reserveCapacity(array.count)
        try forEachElement(of: array, key: name) { element throws(CheckpointError) in
            guard let element = convert(element) else {
                throw .wrongType(
                    file: file.path, key: name, expected: expected,
                    found: "an array with \(array.elementType.kindDescription) at \(elements.count)")
            }
            elements.append(element)
        }
        return elements
    }
}
