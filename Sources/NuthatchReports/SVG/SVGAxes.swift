/// The frame of a chart: its grid, ticks and titles.
enum SVGAxes {
    static func elements(_ chart: Chart, _ frame: SVGFrame) -> [HTMLElement] {
        var elements: [HTMLElement] = []
        for tick in frame.yTicks {
            elements.append(line("grid", frame.left, tick.place, frame.right, tick.place))
            elements.append(text(tick.lines[0], x: frame.left - 8, y: tick.place + 4.5, .end))
        }
        elements.append(line("base", frame.left, frame.basePlace, frame.right, frame.basePlace))
        for tick in frame.xTicks {
            elements.append(line("base", tick.place, frame.bottom, tick.place, frame.bottom + 5))
            for (index, part) in tick.lines.enumerated() {
                let baseline = frame.bottom + 20 + Double(index) * TextMeasure.lineHeight
                elements.append(text(part, x: tick.place, y: baseline, .middle))
            }
        }
        if frame.basePlace != frame.bottom {
            elements.append(line("base", frame.left, frame.bottom, frame.right, frame.bottom))
        }
        elements.append(text(title(chart.y, in: frame), x: 0, y: 14, .start))
        elements.append(text(title(chart.x, in: frame), x: frame.right, y: frame.height - 5, .end))
        return elements
    }

    static func text(
        _ text: String, x: Double, y: Double, _ anchor: LabelPlacer.Place.Anchor, class name: String = "tick"
    ) -> HTMLElement {
        HTMLElement(
            .text,
            [
                .class: name, .x: SVGNumber.text(x), .y: SVGNumber.text(y), .anchor: anchor.rawValue,
            ], line: text)
    }

    static func line(
        _ name: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
    ) -> HTMLElement {
        HTMLElement(
            .line,
            [
                .class: name, .x1: SVGNumber.text(x1), .y1: SVGNumber.text(y1), .x2: SVGNumber.text(x2),
                .y2: SVGNumber.text(y2),
            ])
    }

    private static func title(_ axis: ChartAxis, in frame: SVGFrame) -> String {
        TextMeasure.truncated(VisibleText.flow(axis.fullTitle), to: frame.size.width - 8)
    }
}
