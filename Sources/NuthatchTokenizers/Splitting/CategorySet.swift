/// A set of Unicode general categories.
struct CategorySet: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    static let lowercaseLetter = CategorySet(rawValue: 1 << 0)
    static let uppercaseLetter = CategorySet(rawValue: 1 << 1)
    static let titlecaseLetter = CategorySet(rawValue: 1 << 2)
    static let modifierLetter = CategorySet(rawValue: 1 << 3)
    static let otherLetter = CategorySet(rawValue: 1 << 4)
    static let decimalNumber = CategorySet(rawValue: 1 << 5)
    static let letterNumber = CategorySet(rawValue: 1 << 6)
    static let otherNumber = CategorySet(rawValue: 1 << 7)
    static let nonspacingMark = CategorySet(rawValue: 1 << 8)
    static let spacingMark = CategorySet(rawValue: 1 << 9)
    static let enclosingMark = CategorySet(rawValue: 1 << 10)
    static let connectorPunctuation = CategorySet(rawValue: 1 << 11)
    static let dashPunctuation = CategorySet(rawValue: 1 << 12)
    static let openPunctuation = CategorySet(rawValue: 1 << 13)
    static let closePunctuation = CategorySet(rawValue: 1 << 14)
    static let initialPunctuation = CategorySet(rawValue: 1 << 15)
    static let finalPunctuation = CategorySet(rawValue: 1 << 16)
    static let otherPunctuation = CategorySet(rawValue: 1 << 17)
    static let mathSymbol = CategorySet(rawValue: 1 << 18)
    static let currencySymbol = CategorySet(rawValue: 1 << 19)
    static let modifierSymbol = CategorySet(rawValue: 1 << 20)
    static let otherSymbol = CategorySet(rawValue: 1 << 21)
    static let spaceSeparator = CategorySet(rawValue: 1 << 22)
    static let lineSeparator = CategorySet(rawValue: 1 << 23)
    static let paragraphSeparator = CategorySet(rawValue: 1 << 24)
    static let control = CategorySet(rawValue: 1 << 25)
    static let format = CategorySet(rawValue: 1 << 26)
    static let surrogate = CategorySet(rawValue: 1 << 27)
    static let privateUse = CategorySet(rawValue: 1 << 28)
    static let unassigned = CategorySet(rawValue: 1 << 29)

    static let letter = CategorySet(rawValue: 0b11111)
    static let number = CategorySet(rawValue: 0b111 << 5)
    static let mark = CategorySet(rawValue: 0b111 << 8)
    static let punctuation = CategorySet(rawValue: 0b111_1111 << 11)
    static let symbol = CategorySet(rawValue: 0b1111 << 18)
    static let separator = CategorySet(rawValue: 0b111 << 22)
    static let other = CategorySet(rawValue: 0b11111 << 25)
    static let word: CategorySet = [.letter, .mark, .decimalNumber, .connectorPunctuation]

    /// The category of an ASCII scalar, told apart as far as a pattern's classes can.
    @inline(__always)
    init(ascii value: UInt32) {
        switch value {
        case 0x61...0x7a: self = .lowercaseLetter
        case 0x41...0x5a: self = .uppercaseLetter
        case 0x30...0x39: self = .decimalNumber
        case 0x20: self = .spaceSeparator
        case 0x00...0x1f, 0x7f: self = .control
        default: self = CategorySet(Unicode.Scalar(value))
        }
    }

    /// The category of a scalar; nil (no scalar at all) counts as a surrogate.
    init(_ scalar: Unicode.Scalar?) {
        switch scalar?.properties.generalCategory {
        case .lowercaseLetter: self = .lowercaseLetter
        case .uppercaseLetter: self = .uppercaseLetter
        case .titlecaseLetter: self = .titlecaseLetter
        case .modifierLetter: self = .modifierLetter
        case .otherLetter: self = .otherLetter
        case .decimalNumber: self = .decimalNumber
        case .letterNumber: self = .letterNumber
        case .otherNumber: self = .otherNumber
        case .nonspacingMark: self = .nonspacingMark
        case .spacingMark: self = .spacingMark
        case .enclosingMark: self = .enclosingMark
        case .connectorPunctuation: self = .connectorPunctuation
        case .dashPunctuation: self = .dashPunctuation
        case .openPunctuation: self = .openPunctuation
        case .closePunctuation: self = .closePunctuation
        case .initialPunctuation: self = .initialPunctuation
        case .finalPunctuation: self = .finalPunctuation
        case .otherPunctuation: self = .otherPunctuation
        case .mathSymbol: self = .mathSymbol
        case .currencySymbol: self = .currencySymbol
        case .modifierSymbol: self = .modifierSymbol
        case .otherSymbol: self = .otherSymbol
        case .spaceSeparator: self = .spaceSeparator
        case .lineSeparator: self = .lineSeparator
        case .paragraphSeparator: self = .paragraphSeparator
        case .control: self = .control
        case .format: self = .format
        case .surrogate, nil: self = .surrogate
        case .privateUse: self = .privateUse
        case .unassigned: self = .unassigned
        @unknown default: self = .unassigned
        }
    }

    /// The categories a name such as "L", "Lu" or "Letter" stands for in `\p{...}`.
    init?(name: String) {
        switch name {
        case "L", "Letter": self = .letter
        case "Ll", "Lowercase_Letter": self = .lowercaseLetter
        case "Lu", "Uppercase_Letter": self = .uppercaseLetter
        case "Lt", "Titlecase_Letter": self = .titlecaseLetter
        case "Lm", "Modifier_Letter": self = .modifierLetter
        case "Lo", "Other_Letter": self = .otherLetter
        case "N", "Number": self = .number
        case "Nd", "Decimal_Number": self = .decimalNumber
        case "Nl", "Letter_Number": self = .letterNumber
        case "No", "Other_Number": self = .otherNumber
        case "M", "Mark": self = .mark
        case "Mn", "Nonspacing_Mark": self = .nonspacingMark
        case "Mc", "Spacing_Mark": self = .spacingMark
        case "Me", "Enclosing_Mark": self = .enclosingMark
        case "P", "Punctuation": self = .punctuation
        case "Pc": self = .connectorPunctuation
        case "Pd": self = .dashPunctuation
        case "Ps": self = .openPunctuation
        case "Pe": self = .closePunctuation
        case "Pi": self = .initialPunctuation
        case "Pf": self = .finalPunctuation
        case "Po": self = .otherPunctuation
        case "S", "Symbol": self = .symbol
        case "Sm": self = .mathSymbol
        case "Sc": self = .currencySymbol
        case "Sk": self = .modifierSymbol
        case "So": self = .otherSymbol
        case "Z", "Separator": self = .separator
        case "Zs": self = .spaceSeparator
        case "Zl": self = .lineSeparator
        case "Zp": self = .paragraphSeparator
        case "C", "Other": self = .other
        case "Cc": self = .control
        case "Cf": self = .format
        case "Co": self = .privateUse
        case "Cn": self = .unassigned
        default: return nil
        }
    }
}
