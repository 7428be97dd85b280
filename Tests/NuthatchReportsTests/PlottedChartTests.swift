import NuthatchReports
import Testing

@Suite struct PlottedChartTests {
    private static func chart(
        _ points: [ChartPoint], style: ChartSeries.Style = .line, scale: ChartAxis.Scale = .linear,
        references: [ChartReference] = []
    ) -> Chart {
        Chart(
            title: "t", summary: "s", x: ChartAxis(title: "x"), y: ChartAxis(title: "y", scale: scale),
            series: [ChartSeries(name: "a", style: style, points: points)], references: references)
    }

    @Test func pointsWithoutAPlaceAreCountedAndLeftOut() {
        let plotted = PlottedChart(
            Self.chart([
                ChartPoint(x: 1, y: 2), ChartPoint(x: .nan, y: 2), ChartPoint(x: 1, y: .infinity),
                ChartPoint(x: 1e101, y: 0), ChartPoint(x: 3, y: 1e-200),
            ]))
        #expect(plotted.series[0].points == [ChartPoint(x: 1, y: 2), ChartPoint(x: 3, y: 0)])
        #expect(plotted.leftOut == "3 values aren't drawn: the axes have no place for them.")
    }

    @Test func logarithmsHaveNoPlaceForZero() {
        let plotted = PlottedChart(
            Self.chart(
                [
                    ChartPoint(x: 1, y: 0), ChartPoint(x: 2, y: -1), ChartPoint(x: 3, y: 1, low: 0, high: 2),
                    ChartPoint(x: 4, y: 1, low: 3, high: 2),
                ], scale: .logarithmic, references: [ChartReference(axis: .y, value: 0, label: "zero")]))
        #expect(
            plotted.series[0].points == [ChartPoint(x: 3, y: 1), ChartPoint(x: 4, y: 1, low: 2, high: 3)])
        #expect(plotted.references.isEmpty && plotted.leftOutCount == 3)
    }

    @Test func nothingIsLeftOutOfAnOrdinaryChart() {
        let plotted = PlottedChart(Self.chart([ChartPoint(x: 1, y: 2)]))
        #expect(plotted.leftOut == nil && plotted.categories == nil && !plotted.isEmpty)
        #expect(PlottedChart(Self.chart([])).isEmpty)
    }

    @Test func barsStandInCategoriesFromZero() {
        let plotted = PlottedChart(
            Self.chart(
                [ChartPoint(x: 9, y: 40), ChartPoint(x: 2, y: 50, label: "two")], style: .bars,
                references: [ChartReference(axis: .x, value: 5, label: "between")]))
        #expect(plotted.categories == [2, 9])
        #expect(plotted.categoryName(2) == "two" && plotted.categoryName(9) == "9")
        #expect(plotted.y(tickCount: 5).range == 0...50)
        #expect(plotted.references.isEmpty && plotted.leftOutCount == 1)
    }

    @Test func referencesAreSeenHoweverFarAway() {
        let plotted = PlottedChart(
            Self.chart(
                [ChartPoint(x: 1, y: 1), ChartPoint(x: 2, y: 2)],
                references: [
                    ChartReference(axis: .x, value: 7, label: "x"),
                    ChartReference(axis: .y, value: -8, label: "y"),
                ]))
        #expect(plotted.x.range == 1...7)
        #expect(plotted.y(tickCount: 5).range == -8...2)
    }

    @Test func aTableHasARowForEachPlace() {
        var chart = Self.chart([ChartPoint(x: 2, y: 1, low: 0.5, high: 2), ChartPoint(x: 1, y: 3)])
        chart.series.append(ChartSeries(name: "b", points: [ChartPoint(x: 2, y: .nan)]))
        #expect(chart.numbers.columns.map(\.title) == ["x", "a", "b"])
        #expect(chart.numbers.rows == [["1", "3", ""], ["2", "1 (0.5 to 2)", "no number"]])
        #expect(chart.numbers.caption == "t: y, and from low to high")
        chart.table = ReportTable(caption: "own", columns: [], rows: [])
        #expect(chart.numbers.caption == "own")
    }

    @Test func aTableHasARowForEachPointWherePlacesRepeatOrHaveNames() {
        let repeated = Self.chart([ChartPoint(x: 1, y: 1), ChartPoint(x: 1, y: 2)]).numbers
        #expect(repeated.rows == [["a", "1", "1"], ["a", "1", "2"]])
        let named = Self.chart([ChartPoint(x: 1, y: 1, label: "n")]).numbers
        #expect(named.rows == [["a", "n", "1", "1"]] && named.rowHeaderCount == 2)
        let unordered = Self.chart([ChartPoint(x: .nan, y: 1), ChartPoint(x: .nan, y: 2)]).numbers
        #expect(unordered.rows == [["a", "no number", "1"], ["a", "no number", "2"]])
    }
}
