extension ChartAxis {
    /// "time per token (ms)".
    var fullTitle: String { unit.isEmpty ? title : "\(title) (\(unit))" }
}

extension Chart {
    /// The chart in numbers: the table that it brings, or all its points.
    ///
    /// A row for each x and a column for each series, where that can be; else a row for each point.
    package var numbers: ReportTable {
        if let table { return table }
        let hasLabels = series.contains { $0.points.contains { $0.label != nil } }
        let repeats = series.contains { Set($0.points.map(\.x)).count < $0.points.count }
        // NaN equals no row's place.
        let isOrdered = !series.contains { $0.points.contains(where: \.x.isNaN) }
        return hasLabels || repeats || !isOrdered ? pointTable : seriesTable
    }

    private var seriesTable: ReportTable {
        let places = Set(series.flatMap(\.points).map(\.x)).sorted()
        let columns =
            [ReportTable.Column(title: x.fullTitle, isNumeric: true)]
            + series.map { ReportTable.Column(title: $0.name, isNumeric: true) }
        let rows = places.map { place in
            [x.format.text(place)]
                + series.map { series in
                    series.points.first { $0.x == place }.map(text) ?? ""
                }
        }
        return ReportTable(caption: tableCaption, columns: columns, rows: rows)
    }

    private var pointTable: ReportTable {
        let points = series.flatMap { series in series.points.map { (series.name, $0) } }
        let hasLabels = points.contains { $0.1.label != nil }
        var columns = [
            ReportTable.Column(title: "series"), ReportTable.Column(title: x.fullTitle, isNumeric: true),
            ReportTable.Column(title: y.fullTitle, isNumeric: true),
        ]
        if hasLabels { columns.insert(ReportTable.Column(title: "label"), at: 1) }
        let rows = points.map { name, point in
            [name] + (hasLabels ? [point.label ?? ""] : []) + [x.format.text(point.x), text(point)]
        }
        return ReportTable(
            caption: tableCaption, columns: columns, rows: rows, rowHeaderCount: hasLabels ? 2 : 1)
    }

    private var tableCaption: String {
        "\(title): \(y.fullTitle)" + (hasSpread ? ", and from low to high" : "")
    }

    private var hasSpread: Bool {
        series.contains { $0.points.contains { $0.low != nil || $0.high != nil } }
    }

    private func text(_ point: ChartPoint) -> String {
        let value = y.format.text(point.y)
        guard point.low != nil || point.high != nil else { return value }
        let ends = [point.low, point.high].map { $0.map(y.format.text) ?? "?" }
        return "\(value) (\(ends[0]) to \(ends[1]))"
    }
}
