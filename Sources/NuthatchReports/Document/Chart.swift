/// A chart: series of points over two axes.
package struct Chart: Equatable, Sendable {
    package var title: String
    /// One sentence that says what it shows, for those who don't see it and those who do.
    package var summary: String
    package var x: ChartAxis
    package var y: ChartAxis
    package var series: [ChartSeries]
    package var references: [ChartReference]
    /// A table of the same in numbers; nil for the one that its series make.
    package var table: ReportTable?

    package init(
        title: String, summary: String, x: ChartAxis, y: ChartAxis, series: [ChartSeries],
        references: [ChartReference] = [], table: ReportTable? = nil
    ) {
        self.title = title
        self.summary = summary
        self.x = x
        self.y = y
        self.series = series
        self.references = references
        self.table = table
    }
}

/// Points that belong together, under a name.
package struct ChartSeries: Equatable, Sendable {
    /// How the points of a series are drawn.
    package enum Style: Equatable, Sendable {
        /// Points, and a line through them in their order.
        case line
        case points
        /// Bars from the axis, side by side with those of other series.
        case bars
    }

    package var name: String
    package var style: Style
    package var points: [ChartPoint]

    package init(name: String, style: Style = .line, points: [ChartPoint]) {
        self.name = name
        self.style = style
        self.points = points
    }
}

/// A measured point; `low...high` is what `y` varied within.
package struct ChartPoint: Equatable, Sendable {
    package var x: Double
    package var y: Double
    package var low: Double?
    package var high: Double?
    /// A name of its own, shown beside it.
    package var label: String?

    package init(x: Double, y: Double, low: Double? = nil, high: Double? = nil, label: String? = nil) {
        self.x = x
        self.y = y
        self.low = low
        self.high = high
        self.label = label
    }
}

/// A line across a chart at a value of one axis: a limit, a prediction.
package struct ChartReference: Equatable, Sendable {
    /// The axis that a reference's value lies on.
    package enum Axis: Equatable, Sendable {
        /// A vertical line.
        case x
        /// A horizontal line.
        case y
    }

    package var axis: Axis
    package var value: Double
    package var label: String

    package init(axis: Axis, value: Double, label: String) {
        self.axis = axis
        self.value = value
        self.label = label
    }
}
