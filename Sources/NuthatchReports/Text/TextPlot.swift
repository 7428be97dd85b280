/// Lines and points over two axes, drawn in dots; what they vary within is left out.
struct TextPlot {
    let lines: [String]

    /// What a line of a reference is made of.
    static func sign(of reference: ChartReference) -> Character {
        reference.axis == .x ? "╎" : "╌"
    }

    init(_ chart: PlottedChart, width: Int, ink: TextInk) {
        let rows = min(max(width / 5, 8), 16)
        let y = chart.y(tickCount: rows / 3)
        let yValues = y.ticks(atMost: rows / 3 + 1)
        let yTexts = chart.chart.y.format.texts(ofTicks: yValues).map { WrappedText.truncated($0, width: 9) }
        let margin = yTexts.map { CharacterWidth.columns($0) }.max() ?? 0
        var canvas = TextCanvas(columns: min(width - margin - 2, 100), rows: rows)
        Self.draw(chart, y: y, on: &canvas)

        var texts: [Int: String] = [:]
        for (value, text) in zip(yValues, yTexts) {
            texts[canvas.dot(x: 0, y: y.position(value)).y / 4] = text
        }
        var lines = (0..<rows).map { row in
            let text = WrappedText.padded(texts[row] ?? "", width: margin, toTheRight: true)
            let axis = texts[row] == nil ? "│" : "┤"
            return WrappedText.trimmed(ink.faint(text + " " + axis) + canvas.line(row, ink: ink))
        }
        let ticks = Self.ticks(chart, columns: canvas.columns)
        lines += Self.axis(ticks, margin: margin, columns: canvas.columns).map(ink.faint)
        let title = WrappedText.truncated(VisibleText.flow(chart.chart.x.fullTitle), width: width)
        if !title.isEmpty {
            let columns = margin + 2 + canvas.columns
            lines.append(ink.faint(WrappedText.padded(title, width: columns, toTheRight: true)))
        }
        self.lines = lines
    }

    private static func xPosition(_ value: Double, in chart: PlottedChart, _ scale: ChartScale) -> Double {
        guard let categories = chart.categories else { return scale.position(value) }
        return (Double(categories.firstIndex(of: value) ?? 0) + 0.5) / Double(categories.count)
    }

    private static func draw(_ chart: PlottedChart, y: ChartScale, on canvas: inout TextCanvas) {
        let x = chart.x
        let base = canvas.dot(x: 0, y: y.isLogarithmic ? 0 : y.position(0)).y
        var marks: [(dot: (x: Int, y: Int), series: Int)] = []
        for series in chart.series {
            let dots = series.points.map {
                canvas.dot(x: xPosition($0.x, in: chart, x), y: y.position($0.y))
            }
            switch series.style {
            case .line:
                for (start, end) in zip(dots, dots.dropFirst()) {
                    canvas.draw(from: start, to: end, series: series.index)
                }
            case .bars:
                for dot in dots { canvas.draw(from: (dot.x, base), to: dot, series: series.index) }
            case .points: break
            }
            // Signs side by side would hide the line.
            let isCrowded = series.style == .line && dots.count > canvas.columns / 3
            let marked = isCrowded ? [dots.first, dots.last].compactMap(\.self) : dots
            marks += marked.map { ($0, series.index) }
        }
        for mark in marks { canvas.mark(mark.dot, SeriesLook(mark.series).sign, series: mark.series) }
        for point in chart.series.filter({ $0.style != .bars }).flatMap(\.points) {
            guard let label = point.label else { continue }
            let dot = canvas.dot(x: xPosition(point.x, in: chart, x), y: y.position(point.y))
            canvas.label(VisibleText.flow(label), at: dot)
        }
        for reference in chart.references {
            switch reference.axis {
            case .x: canvas.cross(column: canvas.dot(x: x.position(reference.value), y: 0).x / 2, "╎")
            case .y: canvas.cross(row: canvas.dot(x: 0, y: y.position(reference.value)).y / 4, "╌")
            }
        }
    }

    /// As many ticks as there are texts that keep a blank between them.
    private static func ticks(_ chart: PlottedChart, columns: Int) -> [(column: Int, text: String)] {
        if let categories = chart.categories {
            let width = columns / max(1, categories.count)
            return categories.enumerated().map { index, value in
                let name = VisibleText.flow(chart.categoryName(value))
                let place = (Double(index) + 0.5) / Double(categories.count)
                return (Int(place * Double(columns)), WrappedText.truncated(name, width: max(0, width - 1)))
            }
        }
        let scale = chart.x
        for count in stride(from: 8, to: 0, by: -1) {
            let values = scale.ticks(atMost: count)
            let ticks = zip(values, chart.chart.x.format.texts(ofTicks: values)).map { value, text in
                (column: Int((scale.position(value) * Double(columns - 1)).rounded()), text: text)
            }
            let areApart = zip(ticks, ticks.dropFirst()).allSatisfy { one, next in
                next.column - one.column > (one.text.count + next.text.count) / 2 + 1
            }
            if areApart { return ticks }
        }
        return []
    }

    private static func axis(
        _ ticks: [(column: Int, text: String)], margin: Int, columns: Int
    ) -> [String] {
        var rule = Array(repeating: Character("─"), count: columns)
        var text = ""
        for tick in ticks {
            rule[min(max(tick.column, 0), columns - 1)] = "┬"
            let size = CharacterWidth.columns(tick.text)
            let begin = max(0, min(margin + 2 + tick.column - size / 2, margin + 2 + columns - size))
            text = WrappedText.padded(text, width: begin) + tick.text
        }
        return [String(repeating: " ", count: margin + 1) + "└" + String(rule), text]
    }
}
