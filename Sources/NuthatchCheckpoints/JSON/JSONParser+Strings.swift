extension JSONParser {
    /// Parses the string whose opening quote is at the cursor.
    mutating func parseString() throws(CheckpointError) -> String {
        offset += 1
        let start = offset
        skipPlainBytes()
        guard peek == UInt8(ascii: "\\") else { return try endString(bytes[start..<offset], at: start) }
        var text = Array(bytes[start..<offset])
        while skip(UInt8(ascii: "\\")) {
            try parseEscape(into: &text)
            let rest = offset
            skipPlainBytes()
            text.append(contentsOf: bytes[rest..<offset])
        }
        return try text.withUnsafeBufferPointer { text throws(CheckpointError) in
            try endString(UnsafeRawBufferPointer(text)[...], at: start)
        }
    }

    /// Steps to the next quote, backslash or control character, or to the end.
    private mutating func skipPlainBytes() {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            offset += 1
        }
    }

    /// Makes sure that the string ends at the cursor, steps over its closing quote and returns its text.
    private mutating func endString(
        _ text: Slice<UnsafeRawBufferPointer>, at start: Int
    ) throws(CheckpointError) -> String {
        guard skip(UInt8(ascii: "\"")) else {
            let isAtEnd = offset == bytes.count
            throw failure(
                isAtEnd
                    ? "the document ends inside a string" : "a control character stands unescaped in a string"
            )
        }
        guard let text = String(utf8: text) else {
            throw .invalidUTF8(file: file, field: "the string at byte \(start)")
        }
        return text
    }
}

extension JSONParser {
    /// Parses what follows a backslash and appends what it stands for.
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
        case UInt8(ascii: "u"): text.append(contentsOf: String(try parseUnicodeEscape()).utf8)
        default: throw failure("this escape is unknown")
        }
    }

    /// The four digits after \u, and the low surrogate's escape after a high one's.
    private mutating func parseUnicodeEscape() throws(CheckpointError) -> Character {
        let high = try parseCodeUnit()
        if let scalar = Unicode.Scalar(high) { return Character(scalar) }
        guard high < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            throw failure("half a surrogate pair stands alone")
        }
        let low = try parseCodeUnit()
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw failure("half a surrogate pair stands alone") }
        return Character(scalar)
    }

    private mutating func parseCodeUnit() throws(CheckpointError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Self.hexadecimalDigit(byte) else {
                throw failure("four hexadecimal digits should follow \\u")
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
