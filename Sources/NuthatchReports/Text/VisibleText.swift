/// Texts that anyone may have written, as a reader may see them: nothing in them steers a terminal, ends an element
/// or turns the order of what stands around them.
///
/// Written out as \u{1b} are control characters (C0, DEL, C1), line separators, marks and overrides of direction, tags and
/// what is no character. Marks that join, and zero-width joiners in emoji, belong to texts.
package enum VisibleText {
    /// A text in one line: line breaks and tabs are written out as \n and \t.
    package static func line(_ text: String) -> String {
        written(text) { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\t": "\\t"
            case "\r": "\\r"
            default: nil
            }
        }
    }

    /// A text of words: blanks, tabs and line breaks in a row are one blank.
    package static func flow(_ text: String) -> String {
        text.unicodeScalars.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }
            .map { written(String($0)) { _ in nil } }
            .joined(separator: " ")
    }

    /// A text line by line; tabs are four blanks.
    package static func lines(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            written(String(line.last == "\r" ? line.dropLast() : line)) { $0 == "\t" ? "    " : nil }
        }
    }

    private static func written(_ text: String, replacing: (Unicode.Scalar) -> String?) -> String {
        guard text.unicodeScalars.contains(where: { steers($0) || replacing($0) != nil }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if let replacement = replacing(scalar) {
                result += replacement
            } else if steers(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Marks, embeddings, overrides and isolates of direction (UAX #9).
        case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        // Separators of lines and paragraphs, the byte order mark, annotations, tags.
        case 0x2028, 0x2029, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        case 0xFDD0...0xFDEF: true
        case let value: value & 0xFFFE == 0xFFFE
        }
    }
}
