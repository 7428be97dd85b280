/// Python's idea of character classes, which differs from Unicode's in small ways.
extension Unicode.Scalar {
    /// `str.isspace`: Unicode's white space and the four information separators.
    var isPythonSpace: Bool {
        switch value {
        case 0x20, 0x09...0x0D, 0x1C...0x1F: true
        case ..<0x80: false
        default: properties.isWhitespace
        }
    }

    var isASCIIDigit: Bool { (0x30...0x39).contains(value) }

    /// Whether `repr` shows the character itself.
    var isPythonPrintable: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }

    var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isUpper: Bool { properties.isUppercase }
    var isLower: Bool { properties.isLowercase }
    var isCased: Bool { properties.isCased }

    /// `str.splitlines` breaks after these, "\r\n" counting as one.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
