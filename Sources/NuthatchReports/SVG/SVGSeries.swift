/// The points of a series as lines with bands, as points, or as bars, each with what they varied within.
enum SVGSeries {
    static func element(
        _ series: PlottedChart.Series, _ frame: SVGFrame, bars: [Int], texture: String
    ) -> HTMLElement {
        let look = SeriesLook(series.index)
        let content =
            switch series.style {
            case .line: lineWithBand(series.points, look, frame)
            case .points:
                series.points.flatMap { whisker($0, x: frame.xPlace($0.x), frame) } + marks(series, frame)
            case .bars: self.bars(series, look, frame, bars: bars, texture: texture)
            }
        return HTMLElement(.g, [.class: SVGMark.colour(look)], content)
    }

    private static func marks(_ series: PlottedChart.Series, _ frame: SVGFrame) -> [HTMLElement] {
        let look = SeriesLook(series.index)
        return series.points.map { SVGMark.point(look, x: frame.xPlace($0.x), y: frame.yPlace($0.y)) }
    }

    private static func lineWithBand(
        _ points: [ChartPoint], _ look: SeriesLook, _ frame: SVGFrame
    ) -> [HTMLElement] {
        var elements: [HTMLElement] = []
        for run in points.split(whereSeparator: { $0.low == nil || $0.high == nil }) {
            // A band has two ends.
            guard run.count > 1 else {
                elements += run.flatMap { whisker($0, x: frame.xPlace($0.x), frame) }
                continue
            }
            let high = run.map { (x: frame.xPlace($0.x), y: frame.yPlace($0.high ?? $0.y)) }
            let low = run.reversed().map { (x: frame.xPlace($0.x), y: frame.yPlace($0.low ?? $0.y)) }
            elements.append(
                HTMLElement(.path, [.class: "band", .d: SVGNumber.path(high + low, isClosed: true)]))
        }
        if points.count > 1 {
            let path = SVGNumber.path(points.map { (x: frame.xPlace($0.x), y: frame.yPlace($0.y)) })
            elements.append(SVGMark.line(look, path))
        }
        // So many that their marks would touch are told by the line alone.
        let isCrowded = points.count > 1 && (frame.right - frame.left) / Double(points.count) < 12
        let marked = isCrowded ? [points.first, points.last].compactMap(\.self) : points
        return elements
            + marked.map { SVGMark.point(look, x: frame.xPlace($0.x), y: frame.yPlace($0.y)) }
    }

    /// Bars of one series; those of the others stand beside them.
    private static func bars(
        _ series: PlottedChart.Series, _ look: SeriesLook, _ frame: SVGFrame, bars: [Int], texture: String
    ) -> [HTMLElement] {
        let width = min(56, frame.categoryWidth * 0.76 / Double(max(1, bars.count)))
        let place = Double(bars.firstIndex(of: series.index) ?? 0) - Double(bars.count) / 2
        return [HTMLElement(.defs, [:], [SVGMark.pattern(look, name: texture)])]
            + series.points.flatMap { point in
                let left = frame.xPlace(point.x) + place * width
                let end = frame.yPlace(point.y)
                let bar = SVGMark.bar(
                    look, x: left + 1, y: min(end, frame.basePlace), width: max(1, width - 2),
                    height: (frame.basePlace - end).magnitude, pattern: texture)
                return [bar] + whisker(point, x: left + width / 2, frame)
            }
    }

    private static func whisker(_ point: ChartPoint, x: Double, _ frame: SVGFrame) -> [HTMLElement] {
        guard let low = point.low, let high = point.high else { return [] }
        let (top, bottom) = (SVGNumber.text(frame.yPlace(high)), SVGNumber.text(frame.yPlace(low)))
        let (left, right) = (SVGNumber.text(x - 4), SVGNumber.text(x + 4))
        let middle = SVGNumber.text(x)
        let path = "M\(left) \(top)H\(right)M\(middle) \(top)V\(bottom)M\(left) \(bottom)H\(right)"
        return [HTMLElement(.path, [.class: "whisker", .d: path])]
    }
}
