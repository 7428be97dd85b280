/// A chart in a terminal: what it shows, the drawing, and the names of what is in it.
struct TextFigure {
    let lines: [String]

    init(_ chart: Chart, width: Int, ink: TextInk) {
        let plotted = PlottedChart(chart)
        var lines = WrappedText.lines(VisibleText.flow(chart.title), width: width).map(ink.bold)
        let summary = VisibleText.flow([chart.summary, plotted.leftOut ?? ""].joined(separator: " "))
        if !summary.isEmpty { lines += WrappedText.lines(summary, width: width).map(ink.faint) }
        lines.append("")
        let title = WrappedText.lines(VisibleText.flow(chart.y.fullTitle), width: width).map(ink.faint)
        if plotted.isEmpty {
            lines += WrappedText.lines("There is nothing to draw: no points.", width: width)
        } else if plotted.series.allSatisfy({ $0.style == .bars || $0.points.isEmpty }) {
            lines += title + TextBars(plotted, width: width, ink: ink).lines
        } else {
            lines += title + TextPlot(plotted, width: width, ink: ink).lines
            lines += Self.legend(plotted, width: width, ink: ink)
        }
        self.lines = lines
    }

    /// As many names in a line as fit.
    private static func legend(_ chart: PlottedChart, width: Int, ink: TextInk) -> [String] {
        var entries: [(sign: String, name: String)] = []
        if chart.series.count > 1 {
            entries += chart.series.filter { !$0.points.isEmpty }.map { series in
                (ink.series(series.index, String(SeriesLook(series.index).sign)), series.name)
            }
        }
        entries += chart.references.map { reference in
            (String(TextPlot.sign(of: reference)), reference.label)
        }
        var lines: [String] = []
        var columns = 0
        for entry in entries {
            let names = WrappedText.lines(VisibleText.flow(entry.name), width: width - 2)
            let size = 2 + (names.map { CharacterWidth.columns($0) }.max() ?? 0)
            if let last = lines.last, columns + 3 + size <= width, names.count == 1 {
                lines[lines.count - 1] = last + "   " + entry.sign + " " + names[0]
                columns += 3 + size
            } else {
                lines += names.enumerated().map { ($0.offset == 0 ? entry.sign : " ") + " " + $0.element }
                columns = names.count == 1 ? size : width
            }
        }
        return lines
    }
}
