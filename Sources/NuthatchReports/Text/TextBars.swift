/// Bars that lie, one below the other, each with its name before it and its number behind.
struct TextBars {
    private static let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    let lines: [String]

    init(_ chart: PlottedChart, width: Int, ink: TextInk) {
        let categories = chart.categories ?? []
        let isAlone = chart.series.count == 1
        let names = categories.map { VisibleText.flow(chart.categoryName($0)) }
        let titles = isAlone ? names : chart.series.map { VisibleText.flow($0.name) }
        let indent = isAlone ? 0 : 2
        let nameWidth = min(titles.map { CharacterWidth.columns($0) }.max() ?? 0, width / 3)
        let format = chart.chart.y.format
        let numbers = chart.series.flatMap(\.points).map { format.text($0.y) }
        let numberWidth = min(numbers.map { CharacterWidth.columns($0) }.max() ?? 0, width / 3)
        let scale = chart.y(tickCount: 4)
        let room = min(60, max(1, width - indent - nameWidth - numberWidth - 3))
        var lines: [String] = []
        for (category, name) in zip(categories, names) {
            if !isAlone { lines.append(WrappedText.truncated(name, width: width)) }
            for series in chart.series {
                for point in series.points where point.x == category {
                    let title = isAlone ? name : VisibleText.flow(series.name)
                    let before =
                        String(repeating: " ", count: indent)
                        + WrappedText.padded(WrappedText.truncated(title, width: nameWidth), width: nameWidth)
                    let bar = Self.bar(point.y, scale, columns: room)
                    let number = WrappedText.truncated(format.text(point.y), width: numberWidth)
                    lines.append(before + " " + ink.series(series.index, bar) + " " + number)
                }
            }
        }
        self.lines = lines
    }

    /// From zero to the value, which lies left of it where it is negative.
    private static func bar(_ value: Double, _ scale: ChartScale, columns: Int) -> String {
        let zero = scale.isLogarithmic ? 0 : scale.position(0)
        let (begin, end) = (min(zero, scale.position(value)), max(zero, scale.position(value)))
        let first = Int((begin * Double(columns)).rounded())
        let eighths = Int(((end - Double(first) / Double(columns)) * Double(columns) * 8).rounded())
        guard value >= 0 || scale.isLogarithmic else {
            let last = Int((end * Double(columns)).rounded())
            return String(repeating: " ", count: first)
                + String(repeating: "█", count: max(1, last - first))
        }
        let (whole, rest) = max(1, eighths).quotientAndRemainder(dividingBy: 8)
        return String(repeating: " ", count: first) + String(repeating: "█", count: whole)
            + (rest > 0 ? String(Self.eighths[rest]) : "")
    }
}
