/// The texts inside a plot: names of references and of single points, where there is room for them.
struct SVGLabels {
    /// Lines of references and all texts that found a place.
    let elements: [HTMLElement]
    /// References whose names found none; a legend has to name them.
    let unplaced: [ChartReference]

    init(_ chart: PlottedChart, _ frame: SVGFrame) {
        let bounds = LabelPlacer.Box(
            x: frame.left...max(frame.left, frame.right), y: (frame.top - 8)...frame.bottom)
        var placer = LabelPlacer(bounds: bounds, taken: Self.marked(chart, frame))
        var elements: [HTMLElement] = []
        var unplaced: [ChartReference] = []
        for reference in chart.references {
            elements.append(Self.line(of: reference, frame))
            let text = VisibleText.flow(reference.label)
            if let place = placer.place(text, at: Self.places(for: reference, text, frame)) {
                elements.append(SVGAxes.text(text, x: place.x, y: place.y, place.anchor, class: "label"))
            } else {
                unplaced.append(reference)
            }
        }
        // Names of bars stand below them.
        for point in chart.series.filter({ $0.style != .bars }).flatMap(\.points) {
            guard let label = point.label else { continue }
            let text = VisibleText.flow(label)
            let (x, y) = (frame.xPlace(point.x), frame.yPlace(point.y))
            let candidates = [
                LabelPlacer.Place(x + 9, y + 4.5, .start), LabelPlacer.Place(x - 9, y + 4.5, .end),
                LabelPlacer.Place(x, y - 11, .middle), LabelPlacer.Place(x, y + 21, .middle),
            ]
            if let place = placer.place(text, at: candidates) {
                elements.append(SVGAxes.text(text, x: place.x, y: place.y, place.anchor, class: "label"))
            }
        }
        self.elements = elements
        self.unplaced = unplaced
    }

    private static func line(of reference: ChartReference, _ frame: SVGFrame) -> HTMLElement {
        switch reference.axis {
        case .x:
            let x = frame.xPlace(reference.value)
            return SVGAxes.line("reference", x, frame.top - 6, x, frame.bottom)
        case .y:
            let y = frame.yPlace(reference.value)
            return SVGAxes.line("reference", frame.left, y, frame.right, y)
        }
    }

    private static func places(
        for reference: ChartReference, _ text: String, _ frame: SVGFrame
    ) -> [LabelPlacer.Place] {
        switch reference.axis {
        case .x:
            let x = frame.xPlace(reference.value)
            return stride(from: frame.top + 6, to: frame.bottom - 10, by: TextMeasure.lineHeight).flatMap {
                y in
                [LabelPlacer.Place(x + 6, y, .start), LabelPlacer.Place(x - 6, y, .end)]
            }
        case .y:
            let y = frame.yPlace(reference.value)
            let (left, right) = (frame.left + 6, frame.right - 4)
            return [
                LabelPlacer.Place(left, y - 6, .start), LabelPlacer.Place(right, y - 6, .end),
                LabelPlacer.Place(left, y + 16, .start), LabelPlacer.Place(right, y + 16, .end),
                LabelPlacer.Place((left + right) / 2, y - 6, .middle),
            ]
        }
    }

    /// What texts may not cover: points, and lines of references on which they would stand.
    private static func marked(_ chart: PlottedChart, _ frame: SVGFrame) -> [LabelPlacer.Box] {
        let points = chart.series.filter { $0.style != .bars }.flatMap(\.points).map { point in
            let (x, y) = (frame.xPlace(point.x), frame.yPlace(point.y))
            return LabelPlacer.Box(x: (x - 6)...(x + 6), y: (y - 6)...(y + 6))
        }
        let lines = chart.references.map { reference in
            switch reference.axis {
            case .x:
                let x = frame.xPlace(reference.value)
                return LabelPlacer.Box(x: (x - 1)...(x + 1), y: frame.top...frame.bottom)
            case .y:
                let y = frame.yPlace(reference.value)
                return LabelPlacer.Box(x: frame.left...frame.right, y: (y - 1)...(y + 1))
            }
        }
        return points + lines
    }
}
