import NuthatchTensors

/// A token that is found in the text before anything is split or merged.
struct AddedToken: Sendable, Equatable {
    var id: TokenID
    var content: [UInt8]
    /// Markup: not matched where the caller wants plain text, left out of plain output.
    var isSpecial: Bool
    /// Takes the whitespace before it.
    var stripsLeft = false
    /// Takes the whitespace after it.
    var stripsRight = false
    /// Matches only where no word character touches it.
    var isSingleWord = false
    /// Is looked for after normalisation instead of before.
    var isNormalized = false

    var text: String { String(decoding: content, as: UTF8.self) }
}
