import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

extension CacheExperiment {
    /// The experiment as a report: time per token both ways, and the counts behind it.
    var report: Report {
        let (with, without) = (cachedSeconds.reduce(0, +), uncachedSeconds.reduce(0, +))
        let count = "\(Quantities.grouped(tokenCount)) token\(tokenCount == 1 ? "" : "s")"
        return Report(
            title: "\(count) with and without a KV cache", subtitle: model,
            sections: [
                ReportSection(
                    heading: "The result",
                    blocks: [
                        .note(
                            "With the cache \(Self.seconds(with)), without it \(Self.seconds(without)): "
                                + "\(Quantities.decimal(ratio, digits: 1)) times as long. Introductions report some "
                                + "\(Quantities.decimal(Self.reportedRatio, digits: 0)) times for 1,000 tokens, of another "
                                + "model on another machine."),
                        .facts([
                            ReportFact(name: "prompt", value: Counted.text(promptTokenCount, "token")),
                            ReportFact(
                                name: "same tokens",
                                value: tokensAreEqual ? "yes, both ways" : "no: that should not be"),
                            ReportFact(name: "cache at the end", value: Quantities.bytes(keptByteCount)),
                        ]),
                    ]),
                ReportSection(heading: "Time per token", blocks: [.chart(chart)]),
                ReportSection(
                    heading: "Why: linear against quadratic",
                    blocks: [
                        .table(countTable),
                        .paragraph(
                            "With the cache each token is computed once. Without it the k-th step computes all k tokens before "
                                + "it again, together about half the square of their number."),
                    ]),
            ])
    }

    private static func seconds(_ seconds: Double) -> String {
        "\(Quantities.decimal(seconds, digits: seconds < 10 ? 2 : 1)) s"
    }

    /// Medians of stretches: single tokens differ by what else the machine does.
    private static func points(_ seconds: [Double], first: Int) -> [ChartPoint] {
        let length = max(1, seconds.count / 40)
        return stride(from: 0, to: seconds.count, by: length).map { start in
            let stretch = seconds[start..<min(seconds.count, start + length)].sorted()
            return ChartPoint(
                x: Double(first + start + stretch.count / 2), y: stretch[stretch.count / 2],
                low: stretch[stretch.count / 10], high: stretch[stretch.count - 1 - stretch.count / 10])
        }
    }

    private var chart: Chart {
        Chart(
            title: "Seconds of each token",
            summary:
                "With the cache the time of a token stays about the same; without it, it grows with the sequence.",
            x: ChartAxis(title: "tokens of the sequence", format: .count),
            y: ChartAxis(title: "time of a token", includesZero: true, format: .seconds),
            series: [
                ChartSeries(
                    name: "without the cache",
                    points: Self.points(Array(uncachedSeconds.dropFirst()), first: promptTokenCount + 1)),
                ChartSeries(
                    name: "with the cache",
                    // The first is the prompt's.
                    points: Self.points(Array(cachedSeconds.dropFirst()), first: promptTokenCount + 1)),
            ])
    }

    private var countTable: ReportTable {
        func row(_ name: String, _ without: Int, _ with: Int) -> [String] {
            [
                name, Quantities.grouped(without), Quantities.grouped(with),
                Quantities.decimal(Double(without) / Double(max(with, 1)), digits: 1),
            ]
        }
        return ReportTable(
            caption: "What the two ways compute",
            columns: [
                ReportTable.Column(title: "count"), ReportTable.Column(title: "without", isNumeric: true),
                ReportTable.Column(title: "with", isNumeric: true),
                ReportTable.Column(title: "ratio", isNumeric: true),
            ],
            rows: [
                row("tokens computed", uncachedComputedTokenCount, cachedComputedTokenCount),
                row(
                    "products with weights", uncachedWork.matrixMultiplyAdds, cachedWork.matrixMultiplyAdds),
                row(
                    "products of attention", uncachedWork.attentionMultiplyAdds,
                    cachedWork.attentionMultiplyAdds),
                row("bytes of weights read", uncachedWork.weightByteCount, cachedWork.weightByteCount),
                row(
                    "bytes of keys and values written", uncachedWork.cacheWrittenByteCount,
                    cachedWork.cacheWrittenByteCount),
            ])
    }
}
