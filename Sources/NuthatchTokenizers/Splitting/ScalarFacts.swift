/// What patterns ask about a scalar: its general category and whether it is whitespace.
///
/// ASCII, most of all text, is answered from ranges; the rest from the standard library's tables.
struct ScalarFacts {
    let value: UInt32
    /// One bit, at the position of the scalar's general category.
    let category: CategorySet

    @inline(__always)
    init(_ value: UInt32) {
        self.value = value
        category = value < 0x80 ? CategorySet(ascii: value) : CategorySet(Unicode.Scalar(value))
    }

    @inline(__always) var isLetter: Bool { !category.isDisjoint(with: .letter) }
    @inline(__always) var isNumber: Bool { !category.isDisjoint(with: .number) }

    /// The property White_Space: what `\s` means for Unicode text.
    @inline(__always) var isWhitespace: Bool {
        if value < 0x80 { return value == 0x20 || (0x09...0x0d).contains(value) }
        return value == 0x85 || !category.isDisjoint(with: .separator)
    }

    /// What `\w` means in Oniguruma: letters, marks, decimal numbers and connecting punctuation.
    var isWord: Bool { !category.isDisjoint(with: .word) }

    /// What `\w` means in Rust's regex crate (UTS 18, annex C): all that is alphabetic, marks, decimal numbers, connecting
    /// punctuation and the two joiners.
    var isAlphabeticWord: Bool {
        if isWord { return true }
        if value < 0x80 { return false }
        return value == 0x200c || value == 0x200d || Unicode.Scalar(value)?.properties.isAlphabetic == true
    }

    /// Punctuation by category, or any of ASCII's printable symbols.
    var isPunctuation: Bool {
        if value < 0x80 { return (0x21...0x7e).contains(value) && !isLetter && !isNumber }
        return !category.isDisjoint(with: .punctuation)
    }
}
