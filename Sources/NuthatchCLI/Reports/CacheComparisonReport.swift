import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

extension CacheComparison {
    /// The comparison as a report: the recommendation, the caches in a table, and charts of speed, quality and memory.
    var report: Report {
        Report(
            title: "KV caches of \(model)",
            subtitle: "\(Counted.text(contextLength, "token")) of text, \(Counted.text(roundCount, "round"))",
            sections: [
                ReportSection(heading: "Recommendation", blocks: recommendationBlocks),
                ReportSection(heading: "The caches", blocks: [.table(table)]),
                ReportSection(
                    heading: "Speed by depth", blocks: [.chart(decodeChart), .chart(prefillChart)]),
                ReportSection(heading: "Quality by bits", blocks: [.chart(qualityChart)]),
                ReportSection(heading: "Memory by context", blocks: [.chart(memoryChart)]),
                ReportSection(heading: "How it was measured", blocks: [.facts(facts)]),
            ])
    }

    // MARK: Recommendation

    private var recommendationBlocks: [ReportBlock] {
        recommended
            + (entries.allSatisfy(\.isJudged)
                ? []
                : [
                    .paragraph(
                        "\(Counted.text(contextLength, "token")) are too few to say what codes cost, which are made of full pages: "
                            + "none of them is recommended. Compare over \(CacheTest.leastTokenCount) or more."
                    )
                ])
    }

    private var recommended: [ReportBlock] {
        let memory = Quantities.binary(memoryByteCount)
        guard let recommendation else {
            let candidates = entries.filter { $0.isJudged && !$0.dropsTokens }
            guard let costs = candidates.map(\.quality.meanKLDivergence).min() else {
                return [
                    .note(
                        "None of these is recommended: each drops tokens, or needs a longer text to be judged."
                    )
                ]
            }
            return [
                .note(
                    "No cache of these keeps everything within a KL divergence of \(SmallNumber.text(tolerance)) in \(memory): the "
                        + "least cost is \(SmallNumber.text(costs)). Allow more (--tolerance, --memory), or compare others (--cache)."
                )
            ]
        }
        return [
            .note(
                "\(recommendation.name): \(Self.tokens(recommendation.contextLength)) in \(memory), KL "
                    + "\(SmallNumber.text(recommendation.meanKLDivergence)), "
                    + "\(Quantities.rate(recommendation.decodeTokensPerSecond)) at \(depths.last ?? 0) tokens."
            ),
            .paragraph(
                "Of the caches that drop nothing and cost at most \(SmallNumber.text(tolerance)) nats, the one with the longest "
                    + "context in that memory, weights and scratch memory included; of several the fastest, and of those that "
                    + "can't be told apart the one that costs least."),
        ]
    }

    private static func tokens(_ count: Int) -> String {
        count >= 10_000 ? "\(count / 1000)k tokens" : "\(Quantities.grouped(count)) tokens"
    }

    // MARK: Tables

    private var table: ReportTable {
        let titles = [
            "cache", "prefill", "decode", "bytes", "bits", "KL", "worst KL", "same top", "perplexity",
            "differs at", "fits",
        ]
        return ReportTable(
            caption:
                "At \(Counted.text(contextLength, "token")): tokens per second, bytes of keys and values in memory, bits "
                + "per value, cost beside floats, and tokens in \(Quantities.binary(memoryByteCount))",
            columns: titles.enumerated().map { .init(title: $0.element, isNumeric: $0.offset > 0) },
            rows: entries.map { entry in
                [
                    entry.name, Self.text(entry.prefill.last), Self.text(entry.decode.last),
                    Quantities.bytes(entry.bytes.last?.byteCount ?? 0),
                    Quantities.decimal(entry.bitsPerValue, digits: 2),
                    SmallNumber.text(entry.quality.meanKLDivergence),
                    SmallNumber.text(entry.quality.highestKLDivergence),
                    "\(Quantities.decimal(entry.quality.top1Agreement * 100, digits: 2)) %",
                    Quantities.decimal(entry.quality.perplexity, digits: 3),
                    entry.quality.firstDifference.map { "token \($0)" } ?? "nowhere",
                    entry.longestContext > 0 ? "\(entry.longestContext)" : "-",
                ]
            })
    }

    /// "314 (298-320)"
    private static func text(_ speed: Speed?) -> String {
        guard let speed else { return "-" }
        func rate(_ value: Double) -> String { Quantities.decimal(value, digits: value < 100 ? 1 : 0) }
        return "\(rate(speed.median)) (\(rate(speed.lowest))-\(rate(speed.highest)))"
    }

    private var facts: [ReportFact] {
        [
            ReportFact(
                name: "machine", value: "\(kernels.table), \(Counted.text(threadCount, "thread"))"),
            ReportFact(
                name: "speed",
                value:
                    "\(Counted.text(roundCount, "round")) of all caches, another one first in each; medians, with the "
                    + "slowest and the fastest; \(Counted.text(generatedTokenCount, "token")) generated at each depth"
            ),
            ReportFact(
                name: "quality",
                value:
                    "beside a cache of 32-bit floats that keeps everything, weights \(qualityWeights); all positions"
            ),
            ReportFact(name: "differs at", value: "the first token of a greedy continuation that is another"),
        ]
    }

    // MARK: Charts

    private func speedChart(_ title: String, _ summary: String, _ speeds: (Entry) -> [Speed]) -> Chart {
        Chart(
            title: title, summary: summary,
            x: ChartAxis(title: "tokens in the cache", includesZero: true, format: .count),
            y: ChartAxis(title: "tokens per second", includesZero: true),
            series: entries.map { entry in
                ChartSeries(
                    name: entry.name,
                    points: speeds(entry).map {
                        ChartPoint(x: Double($0.depth), y: $0.median, low: $0.lowest, high: $0.highest)
                    })
            })
    }

    private var decodeChart: Chart {
        speedChart(
            "Generating, tokens per second",
            "Each token reads all keys and values, so speed falls with depth.",
            \.decode)
    }

    private var prefillChart: Chart {
        speedChart(
            "Reading a prompt, tokens per second",
            "From the depth before to each: attention's share of the work grows with what is there.",
            \.prefill)
    }

    private var qualityChart: Chart {
        Chart(
            title: "KL divergence by bits per value",
            summary: "Fewer bits cost more; what lies below the line is within the tolerance.",
            x: ChartAxis(title: "bits per value", includesZero: true),
            y: ChartAxis(title: "mean KL divergence", unit: "nats", scale: .logarithmic),
            series: [
                ChartSeries(
                    name: "caches", style: .points,
                    // What costs nothing stands at the bottom of the scale.
                    points: entries.map {
                        ChartPoint(
                            x: $0.bitsPerValue, y: max($0.quality.meanKLDivergence, 1e-9), label: $0.name)
                    })
            ],
            references: tolerance > 0
                ? [
                    ChartReference(
                        axis: .y, value: tolerance, label: "tolerance \(SmallNumber.text(tolerance))")
                ]
                : [])
    }

    private var memoryChart: Chart {
        Chart(
            title: "Bytes of keys and values by context",
            summary:
                "Lines are what the planner says, points what was allocated: they are the same function.",
            x: ChartAxis(title: "tokens", includesZero: true, format: .count),
            y: ChartAxis(title: "keys and values", includesZero: true, format: .bytes),
            series: entries.map { entry in
                ChartSeries(
                    name: entry.name,
                    points: entry.plannedBytes.map {
                        ChartPoint(x: Double($0.tokenCount), y: Double($0.byteCount))
                    })
            } + [
                ChartSeries(
                    name: "measured", style: .points,
                    points: entries.flatMap { entry in
                        entry.bytes.map { ChartPoint(x: Double($0.tokenCount), y: Double($0.byteCount)) }
                    })
            ])
    }
}
