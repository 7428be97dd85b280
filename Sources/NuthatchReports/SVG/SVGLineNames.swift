/// Names of lines at their ends, which spare a legend: where all are lines that end at the same x and have short names.
struct SVGLineNames {
    /// The widest name that may stand beside a plot, in pixels.
    private static let widest = 190.0
    /// More names than this don't find room one below the other.
    private static let mostNames = 10

    /// What a plot leaves them on its right.
    let margin: Double
    private let names: [String]

    /// Nil where names can't stand there.
    init?(_ chart: PlottedChart, size: SVGFrame.Size) {
        let ends = chart.series.compactMap(\.points.last?.x)
        guard size == .wide, chart.series.count > 1, chart.series.count <= Self.mostNames,
            ends.count == chart.series.count, Set(ends).count == 1,
            chart.series.allSatisfy({ $0.style == .line && $0.points.allSatisfy { $0.x <= ends[0] } })
        else { return nil }
        names = chart.series.map { VisibleText.flow($0.name) }
        let width = names.map(TextMeasure.width).max() ?? 0
        guard width <= Self.widest else { return nil }
        margin = width + 14
    }

    func elements(_ chart: PlottedChart, _ frame: SVGFrame) -> [HTMLElement] {
        let ends = chart.series.compactMap(\.points.last).map { frame.yPlace($0.y) }
        let places = LabelPlacer.apart(ends, gap: TextMeasure.lineHeight, in: frame.top...frame.bottom)
        let begin = frame.right + 10
        return zip(chart.series, zip(names, zip(ends, places))).flatMap { series, named in
            let (name, (end, place)) = named
            let text = SVGAxes.text(name, x: begin + 4, y: place + 4.5, .start, class: "label")
            guard (end - place).magnitude > 2 else { return [text] }
            let x = frame.xPlace(series.points.last?.x ?? 0) + 7
            let lead = SVGNumber.path([(x: x, y: end), (x: x + 5, y: end), (x: begin + 1, y: place)])
            return [HTMLElement(.path, [.class: "lead", .d: lead]), text]
        }
    }
}
