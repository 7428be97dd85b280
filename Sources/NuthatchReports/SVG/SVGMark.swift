/// The marks of a series: its points, its bars' texture, and the sample of both in a legend.
enum SVGMark {
    /// The class that gives what it encloses a series' colour.
    static func colour(_ look: SeriesLook) -> String { "s\(look.colour)" }

    static func point(_ look: SeriesLook, x: Double, y: Double) -> HTMLElement {
        let style = look.isHollow ? "mark hollow" : "mark"
        let corners: [(x: Double, y: Double)]
        switch look.shape {
        case .circle:
            return HTMLElement(
                .circle,
                [.class: style, .cx: SVGNumber.text(x), .cy: SVGNumber.text(y), .r: "4.5"])
        case .square: corners = [(-4, -4), (4, -4), (4, 4), (-4, 4)]
        case .triangle: corners = [(0, -5.5), (5, 3.8), (-5, 3.8)]
        case .diamond: corners = [(0, -5.8), (5.8, 0), (0, 5.8), (-5.8, 0)]
        }
        let path = SVGNumber.path(corners.map { (x: $0.x + x, y: $0.y + y) }, isClosed: true)
        return HTMLElement(.path, [.class: style, .d: path])
    }

    /// A texture under a name, in the colour of what encloses it.
    static func pattern(_ look: SeriesLook, name: String) -> HTMLElement {
        let path =
            switch look.texture {
            case .full: ""
            case .rising: "M-2 2L2 -2M0 8L8 0M6 10L10 6"
            case .falling: "M-2 6L2 10M0 0L8 8M6 -2L10 2"
            case .dots: "M1 2h2M5 6h2"
            case .lines: "M0 2H8M0 6H8"
            case .crossed: "M0 0L8 8M0 8L8 0"
            }
        return HTMLElement(
            .pattern, [.id: name, .width: "8", .height: "8", .patternUnits: "userSpaceOnUse"],
            [
                HTMLElement(.rect, [.class: "ground", .width: "8", .height: "8"]),
                HTMLElement(.path, [.class: "thread", .d: path]),
            ])
    }

    static func bar(
        _ look: SeriesLook, x: Double, y: Double, width: Double, height: Double, pattern: String
    ) -> HTMLElement {
        HTMLElement(
            .rect,
            [
                .class: look.texture == .full ? "bar full" : "bar", .x: SVGNumber.text(x),
                .y: SVGNumber.text(y), .width: SVGNumber.text(width), .height: SVGNumber.text(height),
                .fill: look.texture == .full ? "none" : "url(#\(pattern))",
            ])
    }

    /// What stands before a series' name in a legend.
    static func sample(
        _ series: PlottedChart.Series, _ identifiers: inout HTMLIdentifiers
    ) -> HTMLElement {
        let look = SeriesLook(series.index)
        var content: [HTMLElement] = []
        switch series.style {
        case .line: content = [line(look, "M1 8H39"), point(look, x: 20, y: 8)]
        case .points: content = [point(look, x: 20, y: 8)]
        case .bars:
            let name = identifiers.next("texture")
            content = [
                HTMLElement(.defs, [:], [pattern(look, name: name)]),
                bar(look, x: 8, y: 1, width: 24, height: 14, pattern: name),
            ]
        }
        return HTMLElement(
            .svg,
            [
                .class: "sample \(colour(look))", .viewBox: "0 0 40 16", .width: "40", .height: "16",
                .hidden: "true",
            ], content)
    }

    static func line(_ look: SeriesLook, _ path: String) -> HTMLElement {
        look.dashes.isEmpty
            ? HTMLElement(.path, [.class: "line", .d: path])
            : HTMLElement(.path, [.class: "line", .d: path, .dashes: look.dashes])
    }
}
