/// A score matrix as a grid of characters: with its scores where they fit, else a sign for each.
struct TextMatrix {
    let lines: [String]

    init(_ matrix: ScoreMatrix, width: Int, ink: TextInk) {
        let labels = matrix.excerpt().rowLabels.map(VisibleText.line)
        let margin = min(labels.map { CharacterWidth.columns($0) }.max() ?? 0, width / 4)
        let room = width - margin - 1
        let whole = matrix.excerpt()
        let size = whole.cells.joined().map { Self.text($0).count }.max() ?? 0
        let showsScores =
            size > 1 && whole.leftOut == nil && whole.columnLabels.count * (size + 1) <= room
        let excerpt = showsScores ? whole : matrix.excerpt(columnLimit: min(room, ScoreMatrix.largestCount))

        var lines = WrappedText.lines(VisibleText.flow(matrix.title), width: width).map(ink.bold)
        let summary = VisibleText.flow([matrix.summary, excerpt.leftOut ?? ""].joined(separator: " "))
        if !summary.isEmpty { lines += WrappedText.lines(summary, width: width).map(ink.faint) }
        lines.append("")
        guard !matrix.cells.allSatisfy(\.isEmpty) else {
            self.lines = lines + WrappedText.lines("There are no scores to show.", width: width)
            return
        }
        func begin(_ label: String) -> String {
            WrappedText.padded(WrappedText.truncated(label, width: margin), width: margin, toTheRight: true)
        }
        if showsScores {
            let titles = excerpt.columnLabels.map { label in
                " "
                    + WrappedText.padded(
                        WrappedText.truncated(VisibleText.line(label), width: size), width: size,
                        toTheRight: true)
            }
            lines.append(ink.faint(begin("") + titles.joined()))
        }
        let gap = showsScores || excerpt.columnLabels.count * 2 <= room ? " " : ""
        for (label, cells) in zip(labels, excerpt.cells) {
            let signs = cells.map { cell in
                let text = showsScores ? Self.text(cell) : String(Self.sign(cell))
                let padded = WrappedText.padded(text, width: showsScores ? size : 1)
                return gap + Self.inked(padded, cell, ink)
            }
            let line = ink.faint(begin(label)) + (gap.isEmpty ? " " : "") + signs.joined()
            lines.append(WrappedText.trimmed(line))
        }
        let legend = matrix.marks.map { mark in
            (mark == .masked ? "blank" : String(Self.sign(ScoreMatrix.Cell(mark: mark)))) + " " + mark.meaning
        }
        lines += WrappedText.lines(legend.joined(separator: "   "), width: width).map(ink.faint)
        self.lines = lines
    }

    private static func text(_ cell: ScoreMatrix.Cell?) -> String {
        String(sign(cell)) + (cell?.text ?? "")
    }

    private static func sign(_ cell: ScoreMatrix.Cell?) -> Character {
        switch cell?.mark {
        case .computed: "■"
        case .computedAgain: "░"
        case .reused: "·"
        case .masked, nil: " "
        }
    }

    private static func inked(_ text: String, _ cell: ScoreMatrix.Cell?, _ ink: TextInk) -> String {
        switch cell?.mark {
        case .computed: ink.series(0, text)
        case .computedAgain: ink.series(1, text)
        case .reused: ink.faint(text)
        case .masked, nil: text
        }
    }
}
