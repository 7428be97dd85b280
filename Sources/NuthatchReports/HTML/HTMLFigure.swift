/// A chart as a figure: what it shows, its legend, the drawing in both sizes, and the same in numbers.
enum HTMLFigure {
    static func element(_ chart: Chart, _ identifiers: inout HTMLIdentifiers) -> HTMLElement {
        let plotted = PlottedChart(chart)
        var caption = [HTMLElement(.h3, flow: chart.title), HTMLElement(.p, flow: chart.summary)]
        if let leftOut = plotted.leftOut { caption.append(HTMLElement(.p, flow: leftOut)) }
        var parts = [HTMLElement(.figcaption, [:], caption)]
        var style = "chart"
        if plotted.isEmpty {
            parts.append(HTMLElement(.p, [.class: "empty"], flow: "There is nothing to draw: no points."))
        } else {
            let drawings = SVGFrame.Size.allCases.map { SVGChart(plotted, size: $0, &identifiers) }
            if drawings[0].namesItsLines { style += " named" }
            parts += legend(plotted, drawings, &identifiers)
            parts += drawings.map(\.element)
        }
        if chart.series.contains(where: { !$0.points.isEmpty }) || chart.table != nil {
            parts.append(numbers(chart, &identifiers))
        }
        return HTMLElement(.figure, [.class: style], parts)
    }

    /// Nothing where a single series and no reference have to be named.
    private static func legend(
        _ chart: PlottedChart, _ drawings: [SVGChart], _ identifiers: inout HTMLIdentifiers
    ) -> [HTMLElement] {
        var entries: [HTMLElement] = []
        if chart.series.count > 1 {
            for series in chart.series where !series.points.isEmpty {
                entries.append(
                    HTMLElement(
                        .li, [.class: "series"],
                        [SVGMark.sample(series, &identifiers), HTMLElement(.span, flow: series.name)]))
            }
        }
        for reference in chart.references where drawings.contains(where: { $0.unnamed.contains(reference) }) {
            let line = HTMLElement(.path, [.class: "reference", .d: "M1 8H39"])
            let sample = HTMLElement(
                .svg,
                [.class: "sample", .viewBox: "0 0 40 16", .width: "40", .height: "16", .hidden: "true"],
                [line])
            entries.append(HTMLElement(.li, [:], [sample, HTMLElement(.span, flow: reference.label)]))
        }
        return entries.isEmpty ? [] : [HTMLElement(.ul, [.class: "legend", .label: "Legend"], entries)]
    }

    private static func numbers(_ chart: Chart, _ identifiers: inout HTMLIdentifiers) -> HTMLElement {
        let summary = HTMLElement(
            .summary, [:],
            [
                HTMLElement(.span, line: "In numbers"),
                HTMLElement(.span, [.class: "unseen"], flow: ": \(chart.title)"),
            ])
        return HTMLElement(.details, [:], [summary, HTMLTable.element(chart.numbers, &identifiers)])
    }
}
