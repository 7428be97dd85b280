/// What a person did at the keyboard, as a terminal tells it.
package enum EditingKey: Equatable, Sendable {
    /// Typed; a combining mark arrives alone, behind what it combines with.
    case text(String)
    /// Pasted at once, line breaks as \n.
    case paste(String)
    case enter
    /// A line break within the message: Alt-Return.
    case lineBreak
    case backspace, delete
    case left, right, up, down, home, end
    case wordLeft, wordRight
    /// Removes to the line's end or beginning, or the word before or behind the cursor, and keeps it for `yank`.
    case killToEnd, killToStart, killWord, killNextWord
    case yank
    case searchBack
    case clearScreen
    case interrupt, endOfInput, suspend
    /// A key that means nothing here.
    case unknown
}
