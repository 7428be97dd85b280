/// How wide a text becomes in a font that isn't known: wider than in any of the usual ones.
enum TextMeasure {
    /// The size of all text in a chart, in its own pixels.
    static let fontSize = 13.0
    /// From one baseline to the next.
    static let lineHeight = 17.0

    static func width(_ text: String) -> Double {
        text.reduce(0) { $0 + ems($1) } * fontSize
    }

    /// A text, or so much of its beginning as fits with an ellipsis behind it.
    static func truncated(_ text: String, to limit: Double) -> String {
        guard width(text) > limit else { return text }
        var used = ems("…") * fontSize
        var result = ""
        for character in text {
            used += ems(character) * fontSize
            guard used <= limit else { break }
            result.append(character)
        }
        while result.last == " " { result.removeLast() }
        return result + "…"
    }

    /// A text over so many lines, broken at blanks; what doesn't fit is cut off with an ellipsis.
    static func wrapped(_ text: String, to limit: Double, lineCount: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, width("\(last) \(word)") <= limit || lines.count == lineCount {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { truncated($0, to: limit) }
    }

    /// The widths are those of DejaVu Sans, rounded up: of the fonts that systems come with the widest.
    private static func ems(_ character: Character) -> Double {
        if CharacterWidth.columns(character) == 2 { return 1.05 }
        return switch character {
        case "i", "j", "l", "I", "|", "'", ".", ",", ":", ";", " ": 0.36
        case "f", "t", "r", "(", ")", "[", "]", "-", "/", "\\", "!": 0.46
        case "m", "w", "M", "W", "%", "@", "…", "—": 1.02
        case "A"..."Z": 0.76
        case "≤", "≥", "×", "+", "=", "<", ">", "~", "→": 0.86
        default: 0.65
        }
    }
}
