/// Texts that a file or a model chose, as a terminal may show them: nothing in them steers it.
package enum TerminalText {
    /// Control characters but line breaks and tabs, written out as \u{1b}; everything else as it is.
    ///
    /// C0, DEL and C1 (ECMA-48) are all that a terminal obeys; marks that join or turn characters belong to texts.
    package static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isObeyed) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isObeyed(scalar) { result += written(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// What is shown in a character's stead; nil where it is shown as it is.
    static func visible(_ character: Character) -> String? {
        guard character.unicodeScalars.contains(where: isObeyed) else { return nil }
        return visible(String(character))
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0: true
        default: false
        }
    }

    private static func written(_ scalar: Unicode.Scalar) -> String {
        "\\u{\(String(scalar.value, radix: 16))}"
    }
}
