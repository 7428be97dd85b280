import NuthatchReports

extension SampleReports {
    /// One prompt told step by step, as `nuthatch explain` does.
    static let explanation = Report(
        title: "How “中华人民” becomes “共和国”",
        subtitle: "Qwen2-0.5B, with its cache and without",
        sections: [
            ReportSection(
                heading: "The prompt",
                blocks: [
                    .preformatted("中华人民\n→ 共和国\n\ttoken ids  104811 46553 99185 100672"),
                    .facts([
                        ReportFact(name: "Tokens of the prompt", value: "4"),
                        ReportFact(name: "Tokens of the answer", value: "3"),
                        ReportFact(name: "Keys of a layer", value: "[2 heads, 7 slots, 64 numbers]"),
                        ReportFact(name: "A token's keys and values", value: "12,288 bytes"),
                    ]),
                    .table(
                        ReportTable(
                            caption: "The most likely next tokens after the prompt",
                            columns: [
                                ReportTable.Column(title: "token"),
                                ReportTable.Column(title: "id", isNumeric: true),
                                ReportTable.Column(title: "probability", isNumeric: true),
                            ],
                            rows: [
                                ["共和国", "105447", "97.1 %"], ["的", "9370", "0.4 %"], ["，", "3837", "0.2 %"],
                                ["\n", "198", "0.1 %"],
                            ])),
                ]),
            ReportSection(
                heading: "What each step looks at",
                blocks: [
                    .paragraph(
                        "A query looks at its own key and at all before it, never at later ones. With the cache only the last "
                            + "row is new; without it, every row is computed again to get that one."),
                    .matrix(matrix(isCached: true)), .matrix(matrix(isCached: false)),
                ]),
            ReportSection(
                heading: "What it costs",
                blocks: [
                    .chart(
                        Chart(
                            title: "Time per token",
                            summary:
                                "With the cache a token takes the same time wherever it stands; without, it takes longer with each.",
                            x: ChartAxis(title: "position", unit: "tokens"),
                            y: ChartAxis(title: "time per token", includesZero: true, format: .seconds),
                            series: [
                                ChartSeries(
                                    name: "without the cache", points: times { 0.004 + $0 * 0.00056 }),
                                ChartSeries(name: "with the cache", points: times { 0.0042 + $0 * 0.000004 }),
                            ])),
                    .note("Over 100 tokens the cache saves 2.8 of 3.2 seconds: it is 7.6 times as fast."),
                ]),
        ],
        footer: ["Scores are those of layer 0, head 0."])

    private static func times(_ time: (Double) -> Double) -> [ChartPoint] {
        (1...100).map {
            ChartPoint(x: Double($0), y: time(Double($0)) * (1 + 0.008 * Double($0 * 7 % 5 - 2)))
        }
    }

    private static func matrix(isCached: Bool) -> ScoreMatrix {
        let tokens = ["中", "华", "人民", "共和", "国"]
        return ScoreMatrix(
            title: isCached ? "With the cache" : "Without it",
            summary: isCached
                ? "One row is new, made of one query and five keys, of which the cache holds four."
                : "Fifteen scores are computed, ten of them once more.",
            rowLabels: tokens, columnLabels: tokens,
            cells: tokens.indices.map { row in
                tokens.indices.map { column in
                    guard column <= row else { return ScoreMatrix.Cell(mark: .masked) }
                    let score = 1 / Double(row + 1) + 0.03 * Double((row * 3 + column * 5) % 4 - 1)
                    let isNew = row == tokens.count - 1
                    return ScoreMatrix.Cell(
                        value: isCached && !isNew ? nil : score,
                        mark: isNew ? .computed : isCached ? .reused : .computedAgain)
                }
            })
    }
}
