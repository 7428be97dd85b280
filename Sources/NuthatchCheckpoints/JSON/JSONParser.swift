/// A byte-level JSON parser (RFC 8259), one pass, no look-behind.
///
/// Written instead of using Foundation's because objects keep their order, integers their exactness, and
/// depth and number of values their limits. Accepts NaN, Infinity and -Infinity, which Python's `json` writes.
package struct JSONParser {
    /// What to do with a key that an object gives twice.
    package enum RepeatedKeys: Sendable {
        /// As Python's `json` and most readers do.
        case lastWins
        case refused
    }

    let bytes: UnsafeRawBufferPointer
    let file: String
    private let repeatedKeys: RepeatedKeys
    var offset = 0
    private var valueCount: UInt64 = 0

    private init(_ bytes: UnsafeRawBufferPointer, file: String, repeatedKeys: RepeatedKeys) {
        self.bytes = bytes
        self.file = file
        self.repeatedKeys = repeatedKeys
    }

    /// Parses one whole document; `file` is what errors name.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, file: String, repeatedKeys: RepeatedKeys = .lastWins
    ) throws(CheckpointError) -> JSONValue {
        guard bytes.count <= CheckpointLimit.jsonByteCount.maximum else {
            throw .limitExceeded(
                file: file, limit: .jsonByteCount, value: UInt64(bytes.count), field: "the document")
        }
        var parser = JSONParser(bytes, file: file, repeatedKeys: repeatedKeys)
        parser.skipWhitespace()
        let value = try parser.parseValue(depth: 0)
        parser.skipWhitespace()
        guard parser.offset == bytes.count else { throw parser.failure("more follows the document's end") }
        return value
    }

    /// Parses a document held in a string.
    package static func parse(
        _ text: String, file: String, repeatedKeys: RepeatedKeys = .lastWins
    ) throws(CheckpointError) -> JSONValue {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { bytes throws(CheckpointError) in
            try parse(UnsafeRawBufferPointer(bytes), file: file, repeatedKeys: repeatedKeys)
        }
    }
}

extension JSONParser {
    private mutating func parseValue(depth: UInt64) throws(CheckpointError) -> JSONValue {
        valueCount += 1
        guard valueCount <= CheckpointLimit.jsonValueCount.maximum else {
            throw .limitExceeded(file: file, limit: .jsonValueCount, value: valueCount, field: "the document")
        }
        guard depth <= CheckpointLimit.jsonDepth.maximum else {
            throw .limitExceeded(file: file, limit: .jsonDepth, value: depth, field: "byte \(offset)")
        }
        guard let byte = peek else { throw failure("the document ends where a value should be") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "N"): return try parseWord("NaN", .number(.nan))
        case UInt8(ascii: "I"): return try parseWord("Infinity", .number(.infinity))
        case UInt8(ascii: "-") where next == UInt8(ascii: "I"):
            return try parseWord("-Infinity", .number(-.infinity))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure("no value begins here")
        }
    }

    private mutating func parseObject(depth: UInt64) throws(CheckpointError) -> JSONObject {
        offset += 1
        var members: [JSONObject.Member] = []
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            skipWhitespace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a member's name should begin here") }
            let key = try parseString()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw failure("a colon should follow a member's name") }
            skipWhitespace()
            members.append(JSONObject.Member(key: key, value: try parseValue(depth: depth + 1)))
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw failure("a comma or } should be here") }
        var repeatedKey: String?
        let object = JSONObject(members, repeatedKey: &repeatedKey)
        if let repeatedKey, repeatedKeys == .refused {
            throw .duplicateKey(file: file, key: CheckpointError.excerpt(repeatedKey))
        }
        return object
    }

    private mutating func parseArray(depth: UInt64) throws(CheckpointError) -> [JSONValue] {
        offset += 1
        var array: [JSONValue] = []
        skipWhitespace()
        if skip(UInt8(ascii: "]")) { return array }
        repeat {
            skipWhitespace()
            array.append(try parseValue(depth: depth + 1))
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw failure("a comma or ] should be here") }
        return array
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(CheckpointError)
        -> JSONValue
    {
        let count = word.utf8CodeUnitCount
        guard bytes.count - offset >= count,
            bytes[offset..<offset + count].elementsEqual(
                UnsafeRawBufferPointer(start: word.utf8Start, count: count))
        else { throw failure("no value begins here") }
        offset += count
        return value
    }

    /// number = [ "-" ] ( "0" / 1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "+" / "-" ] 1*digit ]
    private mutating func parseNumber() throws(CheckpointError) -> JSONValue {
        let start = offset
        let isNegative = skip(UInt8(ascii: "-"))
        let digitStart = offset
        var integer = 0
        var fits = true
        while let digit {
            // Accumulated below zero, where Int reaches one further.
            let (product, overflow) = integer.multipliedReportingOverflow(by: 10)
            let (sum, borrow) = product.subtractingReportingOverflow(digit)
            fits = fits && !overflow && !borrow
            integer = sum
            offset += 1
        }
        guard offset > digitStart else { throw failure("a digit should be here") }
        guard offset == digitStart + 1 || bytes[digitStart] != UInt8(ascii: "0") else {
            throw failure("a number begins with a zero too many")
        }
        var isInteger = true
        if skip(UInt8(ascii: ".")) {
            isInteger = false
            try skipDigits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isInteger = false
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
        if isInteger, fits, isNegative || integer != .min {
            return .integer(isNegative ? integer : -integer)
        }
        guard let number = Double(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw failure("this number cannot be represented")
        }
        return .number(number)
    }

    private mutating func skipDigits() throws(CheckpointError) {
        guard digit != nil else { throw failure("a digit should be here") }
        while digit != nil { offset += 1 }
    }
}

extension JSONParser {
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private var next: UInt8? { offset + 1 < bytes.count ? bytes[offset + 1] : nil }

    private var digit: Int? {
        guard let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    func failure(_ reason: String) -> CheckpointError {
        .invalidJSON(file: file, byteOffset: offset, reason: reason)
    }
}
