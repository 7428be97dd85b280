/// Names, numbers, strings and symbols inside a tag.
extension TemplateLexer {
    /// The token at `offset`, which holds no white space; moves `offset` behind it.
    mutating func nextExpressionToken() throws(TemplateError) -> TemplateToken.Kind {
        let first = source[offset]
        if first == "'" || first == "\"" { return .string(try string(quotedBy: first)) }
        if first.isASCIIDigit { return try number() }
        if first == "_" || first.properties.isXIDStart { return .name(name()) }
        for symbol in TemplateSymbol.allCases where hasPrefix(symbol.rawValue, at: offset) {
            offset += symbol.rawValue.utf8.count
            return .symbol(symbol)
        }
        throw .malformed(at: position(at: offset), reason: "unexpected character '\(first)'")
    }

    private mutating func name() -> String {
        let start = offset
        while let scalar = scalar(at: offset), scalar.properties.isXIDContinue { offset += 1 }
        return string(source[start..<offset])
    }

    // MARK: Numbers

    private mutating func number() throws(TemplateError) -> TemplateToken.Kind {
        let start = offset
        if source[start] == "0", let radix = radix(of: scalar(at: start + 1)) {
            offset += 2
            let digits = digits { $0.isASCII && Character($0).isHexDigit }
            return .integer(try integer(digits, radix: radix, at: start))
        }
        let whole = digits(\.isASCIIDigit)
        var text = whole
        // After a dot, digits are an index: `rows.0.1` holds no float.
        let isIndex = start > 0 && source[start - 1] == "."
        if !isIndex, scalar(at: offset) == ".", scalar(at: offset + 1)?.isASCIIDigit == true {
            offset += 1
            text += "." + digits(\.isASCIIDigit)
        }
        if !isIndex, let exponent = exponent() { text += exponent }
        if text == whole { return .integer(try integer(whole, radix: 10, at: start)) }
        guard let value = Double(text) else {
            throw .malformed(at: position(at: start), reason: "'\(text)' is not a number")
        }
        return .float(value)
    }

    private func radix(of letter: Unicode.Scalar?) -> Int? {
        switch letter {
        case "x", "X": 16
        case "o", "O": 8
        case "b", "B": 2
        default: nil
        }
    }

    private mutating func exponent() -> String? {
        guard scalar(at: offset) == "e" || scalar(at: offset) == "E" else { return nil }
        var sign = ""
        var start = offset + 1
        if let scalar = scalar(at: start), scalar == "+" || scalar == "-" {
            sign = String(Character(scalar))
            start += 1
        }
        guard scalar(at: start)?.isASCIIDigit == true else { return nil }
        offset = start
        return "e" + sign + digits(\.isASCIIDigit)
    }

    /// Digits, with single underscores between them left out.
    private mutating func digits(_ isDigit: (Unicode.Scalar) -> Bool) -> String {
        var digits = String.UnicodeScalarView()
        while let scalar = scalar(at: offset) {
            if isDigit(scalar) {
                digits.append(scalar)
            } else if scalar != "_" || self.scalar(at: offset + 1).map(isDigit) != true {
                break
            }
            offset += 1
        }
        return String(digits)
    }

    private mutating func integer(
        _ digits: String, radix: Int, at start: Int
    ) throws(TemplateError) -> Int {
        guard let value = Int(digits, radix: radix) else {
            throw .malformed(at: position(at: start), reason: "'\(digits)' is no integer of 64 bits")
        }
        return value
    }

    // MARK: Strings

    private mutating func string(quotedBy quote: Unicode.Scalar) throws(TemplateError) -> String {
        let start = offset
        offset += 1
        var text = String.UnicodeScalarView()
        while let scalar = scalar(at: offset) {
            offset += 1
            if scalar == quote { return String(text) }
            if scalar == "\\" {
                try appendEscape(to: &text, from: start)
            } else {
                text.append(scalar)
            }
        }
        throw .malformed(at: position(at: start), reason: "the string has no closing quote")
    }

    /// Python's escapes; a backslash before any other character stays.
    private mutating func appendEscape(
        to text: inout String.UnicodeScalarView, from start: Int
    ) throws(TemplateError) {
        guard let letter = scalar(at: offset) else { return }
        offset += 1
        switch letter {
        case "\n": break
        case "\\", "'", "\"": text.append(letter)
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "r": text.append("\r")
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "v": text.append("\u{0B}")
        case "x": text.append(try codePoint(digitCount: 2, from: start))
        case "u": text.append(try codePoint(digitCount: 4, from: start))
        case "U": text.append(try codePoint(digitCount: 8, from: start))
        case "0"..."7":
            offset -= 1
            text.append(octalCodePoint())
        default:
            text.append("\\")
            text.append(letter)
        }
    }

    private mutating func octalCodePoint() -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        while count < 3, let scalar = scalar(at: offset), ("0"..."7").contains(scalar) {
            value = value * 8 + (scalar.value - 48)
            offset += 1
            count += 1
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private mutating func codePoint(
        digitCount: Int, from start: Int
    ) throws(TemplateError) -> Unicode.Scalar {
        let value = try hexadecimal(digitCount: digitCount, from: start)
        if let scalar = Unicode.Scalar(value) { return scalar }
        // A pair of surrogates written as two escapes is one character.
        if (0xD800..<0xDC00).contains(value), hasPrefix("\\u", at: offset) {
            offset += 2
            let low = try hexadecimal(digitCount: 4, from: start)
            if (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (value - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
        }
        throw .malformed(at: position(at: start), reason: "an escape in the string names no character")
    }

    private mutating func hexadecimal(
        digitCount: Int, from start: Int
    ) throws(TemplateError) -> UInt32 {
        let digits = string(source[offset..<min(offset + digitCount, source.count)])
        guard digits.unicodeScalars.count == digitCount, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(digits, radix: 16)
        else {
            throw .malformed(at: position(at: start), reason: "an escape in the string is cut short")
        }
        offset += digitCount
        return value
    }
}
