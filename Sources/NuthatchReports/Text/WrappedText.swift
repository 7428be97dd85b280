/// Texts in so many columns of a terminal, where wide characters take two.
enum WrappedText {
    /// A text of one line over as many lines as it needs: broken at blanks and beside wide characters, and anywhere
    /// in a word that is longer than a line.
    ///
    /// - Parameter width: At least 2.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        // Where in the line its next part may begin, and how many columns lie before that.
        var turn = (text: "", rest: "")
        var columns = 0
        for character in text {
            let size = CharacterWidth.columns(character)
            if columns + size > width, character != " " {
                if turn.text.isEmpty { turn = (line, "") }
                lines.append(trimmed(turn.text))
                line = String(turn.rest.drop { $0 == " " })
                turn = ("", "")
                columns = CharacterWidth.columns(line)
            }
            // Blanks at the end of a full line have no column, and are cut.
            if columns + size <= width {
                line.append(character)
                columns += size
            }
            if character == " " || size == 2 {
                turn = (line, "")
            } else if !turn.text.isEmpty {
                turn.rest.append(character)
            }
        }
        return lines + [trimmed(line)]
    }

    /// A text, or so much of its beginning as fits with an ellipsis behind it.
    static func truncated(_ text: String, width: Int) -> String {
        guard CharacterWidth.columns(text) > width else { return text }
        var result = ""
        var columns = 1
        for character in text {
            columns += CharacterWidth.columns(character)
            guard columns <= width else { break }
            result.append(character)
        }
        return width > 0 ? result + "…" : ""
    }

    /// A text with blanks beside it, up to a width.
    static func padded(_ text: String, width: Int, toTheRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - CharacterWidth.columns(text)))
        return toTheRight ? blanks + text : text + blanks
    }

    static func trimmed(_ text: String) -> String {
        guard text.last == " " else { return text }
        return String(text.reversed().drop { $0 == " " }.reversed())
    }
}
