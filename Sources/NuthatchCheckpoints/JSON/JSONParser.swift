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

    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private let repeatedKeys: RepeatedKeys
    private var offset = 0
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
        var object = JSONObject()
        skipWhitespace()
        if skip(UInt8(ascii: "}")) { return object }
        repeat {
            skipWhitespace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a member's name should begin here") }
            let key = try parseString()
            skipWhitespace()
            guard skip(UInt8(ascii: ":")) else { throw failure("a colon should follow a member's name") }
            skipWhitespace()
            let value = try parseValue(depth: depth + 1)
            if object.set(key, to: value), repeatedKeys == .refused {
                throw .duplicateKey(file: file, key: CheckpointError.excerpt(key))
            }
            skipWhitespace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw failure("a comma or } should be here") }
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
    private mutating func parseString() throws(CheckpointError) -> String {
        offset += 1
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let text = try string(of: bytes[start..<offset], at: start)
                offset += 1
                return text
            case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
            case 0..<0x20: throw failure("a control character stands unescaped in a string")
            default: offset += 1
            }
        }
        throw failure("the document ends inside a string")
    }

    /// The slow path: the string from `start` holds at least one escape, the first at `offset`.
    private mutating func parseEscapedString(from start: Int) throws(CheckpointError) -> String {
        var text = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                let result = try text.withUnsafeBufferPointer { text throws(CheckpointError) in
                    try string(of: UnsafeRawBufferPointer(text)[...], at: start)
                }
                offset += 1
                return result
            case UInt8(ascii: "\\"):
                offset += 1
                try parseEscape(into: &text)
            case 0..<0x20: throw failure("a control character stands unescaped in a string")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure("the document ends inside a string")
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(CheckpointError) {
        guard let byte = peek else { throw failure("the document ends inside a string") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try parseUnicodeEscape()
            text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        default: throw failure("this escape is unknown")
        }
    }

    /// The four digits after \u, and the low surrogate's escape after a high one's.
    private mutating func parseUnicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
        let high = try parseCodeUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            throw failure("half a surrogate pair stands alone")
        }
        let low = try parseCodeUnit()
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw failure("half a surrogate pair stands alone") }
        return scalar
    }

    private mutating func parseCodeUnit() throws(CheckpointError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else {
                throw failure("four hexadecimal digits should follow \\u")
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    private func string(of slice: Slice<UnsafeRawBufferPointer>, at start: Int) throws(CheckpointError)
        -> String
    {
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: slice), as: UTF8.self) else {
            throw .invalidUTF8(file: file, field: "the string at byte \(start)")
        }
        return text
    }
}

extension JSONParser {
    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private var next: UInt8? { offset + 1 < bytes.count ? bytes[offset + 1] : nil }

    private var digit: Int? {
        guard let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        return Int(byte - UInt8(ascii: "0"))
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func failure(_ reason: String) -> CheckpointError {
        .invalidJSON(file: file, byteOffset: offset, reason: reason)
    }
}
