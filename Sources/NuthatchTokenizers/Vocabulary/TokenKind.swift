/// What an id stands for; the raw values are GGUF's `tokenizer.ggml.token_type`.
enum TokenKind: UInt8, Sendable {
    case normal = 1
    case unknown = 2
    /// Markup such as `<s>`: matched in text only where the caller allows it, left out of plain output.
    case control = 3
    /// Text that is always one token, whatever the merges say.
    case userDefined = 4
    /// In the vocabulary, never produced.
    case unused = 5
    /// One raw byte, spelled `<0x0A>`.
    case byte = 6

    /// The byte that `<0x0A>` names.
    static func byte(spelledBy piece: ArraySlice<UInt8>) -> UInt8? {
        let text = Array(piece)
        guard text.count == 6, text[0] == UInt8(ascii: "<"), text[1] == UInt8(ascii: "0"),
            text[2] == UInt8(ascii: "x"), text[5] == UInt8(ascii: ">"),
            let high = hexadecimalDigit(text[3]), let low = hexadecimalDigit(text[4])
        else { return nil }
        return high << 4 | low
    }

    private static func hexadecimalDigit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
