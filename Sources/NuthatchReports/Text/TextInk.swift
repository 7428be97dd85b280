/// How texts stand out in a terminal: by SGR sequences (ECMA-48), or not at all.
struct TextInk: Equatable, Sendable {
    let isColored: Bool

    func bold(_ text: String) -> String { written("1", text) }

    /// Fainter than the rest, for what explains.
    func faint(_ text: String) -> String { written("2", text) }

    func accented(_ text: String) -> String { written("36", text) }

    /// A series' colour, of those that a terminal's own theme defines.
    func series(_ index: Int, _ text: String) -> String {
        written(["34", "33", "35", "36", "31", "32", "95", "91"][SeriesLook(index).colour], text)
    }

    private func written(_ code: String, _ text: String) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
