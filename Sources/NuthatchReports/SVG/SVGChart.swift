/// A chart as one SVG element of a size, with its title and description for those who don't see it.
struct SVGChart {
    let element: HTMLElement
    /// Whether the names of its series stand in it.
    let namesItsLines: Bool
    /// References that a legend has to name.
    let unnamed: [ChartReference]

    init(_ chart: PlottedChart, size: SVGFrame.Size, _ identifiers: inout HTMLIdentifiers) {
        let names = SVGLineNames(chart, size: size)
        let frame = SVGFrame(chart, size: size, margin: names?.margin ?? 6)
        let labels = SVGLabels(chart, frame)
        let (title, description) = (identifiers.next("title"), identifiers.next("description"))
        let bars = chart.series.filter { $0.style == .bars }.map(\.index)
        var content = [
            HTMLElement(.title, [.id: title], flow: chart.chart.title),
            HTMLElement(.desc, [.id: description], flow: Self.description(chart)),
        ]
        content += SVGAxes.elements(chart.chart, frame)
        content += chart.series.map { series in
            SVGSeries.element(series, frame, bars: bars, texture: identifiers.next("texture"))
        }
        content += labels.elements + (names?.elements(chart, frame) ?? [])
        element = HTMLElement(
            .svg,
            [
                .class: "chart \(size.rawValue)", .role: "img", .labelledBy: "\(title) \(description)",
                .viewBox: "0 0 \(SVGNumber.text(size.width)) \(SVGNumber.text(frame.height))",
                .width: SVGNumber.text(size.width), .height: SVGNumber.text(frame.height),
            ], content)
        namesItsLines = names != nil
        unnamed = labels.unplaced
    }

    private static func description(_ chart: PlottedChart) -> String {
        let references = chart.references.map { reference in
            let axis = reference.axis == .x ? chart.chart.x : chart.chart.y
            return "\(reference.label): a line at \(axis.format.text(reference.value))."
        }
        return ([chart.chart.summary] + references).joined(separator: " ")
    }
}
