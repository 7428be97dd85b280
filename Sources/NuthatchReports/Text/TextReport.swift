/// A report as a terminal shows it.
package struct TextReport: Equatable, Sendable {
    /// The columns that no line goes beyond: at least 20, for narrower ones hold no table.
    package let width: Int
    /// Whether texts stand out by SGR sequences (ECMA-48).
    package let isColored: Bool

    package init(width: Int, isColored: Bool) {
        self.width = max(20, width)
        self.isColored = isColored
    }

    private var ink: TextInk { TextInk(isColored: isColored) }

    package func render(_ report: Report) -> String {
        var lines = heading(report.title, rule: "═")
        if let subtitle = report.subtitle { lines += wrapped(VisibleText.flow(subtitle)).map(ink.faint) }
        for section in report.sections {
            let heading = VisibleText.flow(section.heading).isEmpty ? [] : heading(section.heading, rule: "─")
            let blocks = [heading] + section.blocks.map(self.lines)
            lines += blocks.filter { !$0.isEmpty }.flatMap { [""] + $0 }
        }
        if !report.footer.isEmpty {
            lines += [""] + report.footer.flatMap { wrapped(VisibleText.flow($0)) }.map(ink.faint)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ block: ReportBlock) -> [String] {
        switch block {
        case .paragraph(let text):
            let words = VisibleText.flow(text)
            return words.isEmpty ? [] : wrapped(words)
        case .preformatted(let text):
            return text.isEmpty ? [] : VisibleText.lines(text).flatMap(cut)
        case .note(let text):
            return WrappedText.lines(VisibleText.flow(text), width: width - 2).map {
                ink.accented("▌") + " " + ink.bold($0)
            }
        case .facts(let facts): return list(facts)
        case .table(let table): return TextColumns(table, width: width, ink: ink).lines
        case .chart(let chart): return TextFigure(chart, width: width, ink: ink).lines
        case .matrix(let matrix): return TextMatrix(matrix, width: width, ink: ink).lines
        }
    }

    private func heading(_ text: String, rule: Character) -> [String] {
        let lines = wrapped(VisibleText.flow(text))
        let columns = lines.map { CharacterWidth.columns($0) }.max() ?? 0
        return lines.map(ink.bold) + [ink.faint(String(repeating: rule, count: columns))]
    }

    private func wrapped(_ text: String) -> [String] { WrappedText.lines(text, width: width) }

    /// A line indented and cut into what fits, its blanks kept.
    private func cut(_ line: String) -> [String] {
        var parts = [""]
        var columns = 0
        for character in line {
            let size = CharacterWidth.columns(character)
            if columns + size > width - 2 {
                parts.append("")
                columns = 0
            }
            parts[parts.count - 1].append(character)
            columns += size
        }
        return parts.map { WrappedText.trimmed("  " + $0) }
    }

    private func list(_ facts: [ReportFact]) -> [String] {
        let names = facts.map { VisibleText.flow($0.name) }
        let columns = min(names.map { CharacterWidth.columns($0) }.max() ?? 0, width * 2 / 5)
        return zip(facts, names).flatMap { fact, name in
            let names = WrappedText.lines(name, width: max(2, columns))
            let values = WrappedText.lines(VisibleText.line(fact.value), width: width - columns - 2)
            return (0..<max(names.count, values.count)).map { row in
                let name = WrappedText.padded(row < names.count ? names[row] : "", width: columns)
                return WrappedText.trimmed(
                    ink.faint(name) + "  " + (row < values.count ? values[row] : ""))
            }
        }
    }
}
