/// What of a chart can be drawn: finite points that have a place on both axes.
package struct PlottedChart: Equatable, Sendable {
    /// A series with the points of it that are drawn, in their order.
    package struct Series: Equatable, Sendable {
        /// Which of the chart's series it is, those without points counted: its colour and shape follow from that.
        package let index: Int
        package let name: String
        package let style: ChartSeries.Style
        package let points: [ChartPoint]
    }

    /// Larger ones, and on logarithmic axes ones below its inverse, aren't drawn: arithmetic with them ends in
    /// infinities.
    package static let largestValue = 1e100

    package let chart: Chart
    package let series: [Series]
    package let references: [ChartReference]
    /// How many points and references have no place on the axes.
    package let leftOutCount: Int
    /// The x values that take equal places side by side, in ascending order, where anything is drawn as bars.
    package let categories: [Double]?

    package init(_ chart: Chart) {
        self.chart = chart
        var leftOutCount = 0
        series = chart.series.enumerated().map { index, series in
            let points = series.points.compactMap { Self.drawable($0, in: chart) }
            leftOutCount += series.points.count - points.count
            return Series(index: index, name: series.name, style: series.style, points: points)
        }
        let points = series.flatMap(\.points)
        let hasBars = series.contains { $0.style == .bars && !$0.points.isEmpty }
        categories = hasBars ? Set(points.map(\.x)).sorted() : nil
        let isOrdinal = hasBars
        references = chart.references.filter { reference in
            let axis = reference.axis == .x ? chart.x : chart.y
            // Between bars there is no place for a value.
            return !(isOrdinal && reference.axis == .x) && Self.place(reference.value, on: axis) != nil
        }
        self.leftOutCount = leftOutCount + chart.references.count - references.count
    }

    package var isEmpty: Bool { series.allSatisfy(\.points.isEmpty) }

    /// The scale along x; of no meaning where there are categories.
    package var x: ChartScale {
        ChartScale(
            chart.x,
            values: series.flatMap(\.points).map(\.x) + references.filter { $0.axis == .x }.map(\.value))
    }

    package func y(tickCount: Int) -> ChartScale {
        let points = series.flatMap(\.points)
        let values = points.map(\.y) + points.compactMap(\.low) + points.compactMap(\.high)
        return ChartScale(
            chart.y, values: values + references.filter { $0.axis == .y }.map(\.value),
            // The length of a bar is its number.
            includesZero: categories != nil, roundedTo: tickCount)
    }

    /// The name under a category: that of a point there, else its number.
    package func categoryName(_ value: Double) -> String {
        let label = series.lazy.flatMap(\.points).first { $0.x == value && $0.label != nil }?.label
        return label ?? chart.x.format.text(value)
    }

    /// A sentence on what is missing; nil where nothing is.
    package var leftOut: String? {
        guard leftOutCount > 0 else { return nil }
        let what = leftOutCount == 1 ? "One value isn't drawn" : "\(leftOutCount) values aren't drawn"
        return "\(what): the axes have no place for \(leftOutCount == 1 ? "it" : "them")."
    }

    private static func drawable(_ point: ChartPoint, in chart: Chart) -> ChartPoint? {
        guard let x = place(point.x, on: chart.x), let y = place(point.y, on: chart.y) else { return nil }
        var drawn = ChartPoint(x: x, y: y, label: point.label)
        if let low = point.low.flatMap({ place($0, on: chart.y) }),
            let high = point.high.flatMap({ place($0, on: chart.y) })
        {
            drawn.low = min(low, high)
            drawn.high = max(low, high)
        }
        return drawn
    }

    private static func place(_ value: Double, on axis: ChartAxis) -> Double? {
        guard value.magnitude <= largestValue else { return nil }
        if axis.scale == .logarithmic { return value >= 1 / largestValue ? value : nil }
        return value.magnitude < 1 / largestValue ? 0 : value
    }
}
