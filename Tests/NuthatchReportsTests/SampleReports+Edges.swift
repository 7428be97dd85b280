import NuthatchReports

extension SampleReports {
    /// Reports of what nobody meant to report: nothing, too much, and texts that would rather be markup.
    static let edges = Report(
        title: "Edges & <b>corners</b>",
        subtitle: "</title></style><img src=x onerror=alert(1)> \u{202E}turned\u{2066} \u{1B}[31mred",
        language: "\" onload=\"alert(1)",
        sections: [
            ReportSection(heading: "Nothing"), ReportSection(heading: "", blocks: [.paragraph("")]),
            ReportSection(
                heading: "Empty",
                blocks: [
                    .facts([]), .preformatted(""),
                    .table(ReportTable(caption: "An empty table", columns: [], rows: [])),
                    .table(
                        ReportTable(
                            caption: "Ragged rows",
                            columns: [
                                ReportTable.Column(title: "name"),
                                ReportTable.Column(title: "count", isNumeric: true),
                            ],
                            rows: [[], ["one"], ["two", "2", "beyond"]])),
                    .chart(chart("A chart without series", [])),
                    .chart(chart("A chart without points", [ChartSeries(name: "none", points: [])])),
                    .matrix(
                        ScoreMatrix(
                            title: "No scores", summary: "", rowLabels: [], columnLabels: [], cells: [])),
                ]),
            ReportSection(
                heading: "Charts of few and odd numbers",
                blocks: (oddCharts + crowdedCharts).map { .chart($0) }),
            ReportSection(
                heading: "Texts",
                blocks: [
                    .note("<script>alert('note')</script> & \"quotes\" -->"),
                    .facts([
                        ReportFact(name: "</dl><style>", value: "a\nb\tc \u{0} \u{9B}2J \u{FEFF}"),
                        ReportFact(
                            name: "a name that is so long that it needs more than one line of any terminal",
                            value: String(repeating: "unbreakable", count: 20)),
                    ]),
                    .preformatted(
                        "<!-- \u{202E} --> " + String(repeating: "long ", count: 40) + "\n\tindented\r\nend"),
                    .table(
                        ReportTable(
                            caption: "<caption> & \u{2067}turned",
                            columns: (0..<14).map {
                                ReportTable.Column(title: "column \($0) <th>", isNumeric: $0 > 1)
                            },
                            rows: [
                                (0..<14).map { "<td>\($0)\u{200F}" },
                                ["中文字符与标点，混排", "🏳️‍🌈 é"] + (2..<14).map { "\($0)00,000,000" },
                            ])),
                    .matrix(largeMatrix),
                ]),
        ],
        footer: ["</footer>", "the end"])

    private static func chart(
        _ title: String, _ series: [ChartSeries], x: ChartAxis = ChartAxis(title: "x"),
        y: ChartAxis = ChartAxis(title: "y"), references: [ChartReference] = []
    ) -> Chart {
        Chart(
            title: title, summary: "A chart at its limits.", x: x, y: y, series: series,
            references: references)
    }

    private static let logarithmic = ChartAxis(title: "y", scale: .logarithmic)

    private static func points(_ count: Int, _ place: (Double) -> (x: Double, y: Double)) -> [ChartPoint] {
        (0..<count).map { index in
            let (x, y) = place(Double(index))
            return ChartPoint(x: x, y: y)
        }
    }

    private static func labelled(
        _ count: Int, _ name: String, _ place: (Double) -> (x: Double, y: Double)
    ) -> [ChartPoint] {
        points(count, place).enumerated().map { index, point in
            ChartPoint(x: point.x, y: point.y, label: "\(name) \(index)")
        }
    }

    private static func longNamed(_ index: Int) -> ChartSeries {
        ChartSeries(
            name: "series number \(index), whose name is long enough to be cut off & <b>",
            points: points(6) { ($0, Double(index) * (1 + 0.1 * $0)) })
    }

    private static let oddCharts: [Chart] = [
        chart("One point", [ChartSeries(name: "one", points: [ChartPoint(x: 3, y: 5, low: 4, high: 7)])]),
        chart(
            "No numbers",
            [
                ChartSeries(
                    name: "odd",
                    points: [
                        ChartPoint(x: .nan, y: 1), ChartPoint(x: 1, y: .infinity),
                        ChartPoint(x: -.infinity, y: .nan),
                        ChartPoint(x: 2, y: 3, low: .nan, high: .infinity), ChartPoint(x: 4, y: 1e300),
                        ChartPoint(x: 5, y: -.leastNonzeroMagnitude),
                    ])
            ]),
        chart(
            "Below zero",
            [
                ChartSeries(
                    name: "up", style: .bars, points: [ChartPoint(x: 1, y: 4), ChartPoint(x: 2, y: -3)]),
                ChartSeries(
                    name: "down", style: .bars,
                    points: [ChartPoint(x: 1, y: -2, low: -2.5, high: -1.5), ChartPoint(x: 2, y: 1)]),
            ]),
        chart(
            "Zeros on a logarithm",
            [
                ChartSeries(
                    name: "some",
                    points: [
                        ChartPoint(x: 1, y: 0), ChartPoint(x: 2, y: -4), ChartPoint(x: 3, y: 1e-7),
                        ChartPoint(x: 4, y: 3, low: 0, high: 4), ChartPoint(x: 5, y: 1e9),
                    ])
            ],
            y: logarithmic, references: [ChartReference(axis: .y, value: 0, label: "nowhere")]),
        chart(
            "All alike", [ChartSeries(name: "flat", points: points(4) { ($0, 1e-3) })],
            y: logarithmic),
        chart(
            "Huge",
            [
                ChartSeries(
                    name: "big", points: [ChartPoint(x: -9e99, y: -8e99), ChartPoint(x: 9e99, y: 8e99)])
            ]),
        chart(
            "Close together",
            [
                ChartSeries(
                    name: "near",
                    points: [ChartPoint(x: 1_000_000, y: 98.4412), ChartPoint(x: 1_000_001, y: 98.4413)])
            ],
            y: ChartAxis(
                title: "a long title of an axis that goes on beyond what any telephone has room for",
                unit: "MB")),
    ]

    private static let crowdedCharts: [Chart] = [
        chart(
            "Twelve lines with long names",
            (0..<12).map(longNamed),
            references: (0..<6).map {
                ChartReference(axis: .y, value: 3 + 0.1 * Double($0), label: "limit number \($0) of a crowd")
            }),
        chart(
            "Many bars",
            [
                ChartSeries(
                    name: "bars", style: .bars,
                    points: labelled(40, "cache no.") { ($0, ($0 * $0).remainder(dividingBy: 23)) })
            ]),
        chart(
            "A crowd of labelled points",
            [
                ChartSeries(
                    name: "crowd", style: .points,
                    points: labelled(30, "point") {
                        (($0 * 7).remainder(dividingBy: 11), ($0 * 5).remainder(dividingBy: 13))
                    })
            ]),
    ]

    private static func cell(_ row: Int, _ column: Int) -> ScoreMatrix.Cell {
        if column > row { return ScoreMatrix.Cell(value: 0, mark: .masked) }
        return ScoreMatrix.Cell(
            value: column == 33 ? .nan : Double(column), mark: row - column > 40 ? .reused : .computedAgain)
    }

    private static let largeMatrix = ScoreMatrix(
        title: "A matrix of 80 tokens <&>", summary: "More than can be looked at one by one.",
        rowLabels: (0..<80).map { "token \($0)" }, columnLabels: (0..<80).map { "\u{202E}\($0)" },
        cells: (0..<80).map { row in (0..<80).map { cell(row, $0) } })
}
