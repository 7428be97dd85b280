import NuthatchReports

extension SampleReports {
    private static let caches:
        [(name: String, bits: Double, speed: Double, memory: Double, divergence: Double)] = [
            ("dynamic f32", 32, 58, 1, 0), ("dynamic bf16", 16, 63, 0.5, 2.4e-6),
            ("int8", 8.5, 71, 0.266, 4.1e-5), ("int4, residual 128", 4.5, 82, 0.141, 1.9e-3),
            ("int4, rotated keys", 4.5, 79, 0.141, 7.8e-4), ("int2, residual 128", 2.5, 88, 0.078, 6.2e-2),
            ("window 1,024, 4 sinks", 32, 96, 0.064, 0.031), ("offloaded to disk", 32, 23, 0.04, 0),
        ]
    private static let depths = [0.0, 1024, 2048, 4096, 8192, 16384]

    /// Caches side by side, as `nuthatch compare` tells of them.
    static let comparison = Report(
        title: "Eight caches, one model",
        subtitle: "SmolLM2-360M on 2 cores: speed, quality and memory of what keeps its keys and values",
        sections: [
            ReportSection(
                heading: "In short",
                blocks: [
                    .note(
                        "Take int4 with rotated keys: at a depth of 16,384 tokens it decodes 1.9 times as fast as f32, in "
                            + "a seventh of the memory, and moves the answer's probabilities by less than sampling does."
                    ),
                    .paragraph(
                        "Every cache answered the same three prompts from an empty state. Speed is the median of five runs; "
                            + "what the runs varied within is shown with it. Quality is the divergence of the next token's "
                            + "probabilities from those of the exact cache, over 4,096 tokens of plain text."),
                    .facts([
                        ReportFact(name: "Model", value: "SmolLM2-360M, Q8_0"),
                        ReportFact(name: "Layers", value: "32, of 5 key-value heads"),
                        ReportFact(name: "Deepest context", value: "16,384 tokens"),
                        ReportFact(name: "Kernels", value: "AVX-512, VNNI"),
                        ReportFact(name: "Threads", value: "2"),
                        ReportFact(name: "Runs of each", value: "5"),
                    ]),
                    .table(table),
                ]),
            ReportSection(
                heading: "Speed",
                blocks: [
                    .chart(
                        Chart(
                            title: "Speed by depth",
                            summary:
                                "Codes of 4 bits stay fastest as the context grows; the exact cache reads eight times as many bytes.",
                            x: ChartAxis(title: "tokens in the cache", format: .count),
                            y: ChartAxis(title: "decoding speed", unit: "tokens/s", includesZero: true),
                            series: [0, 2, 3, 5, 7].map(speed)))
                ]),
            ReportSection(
                heading: "Quality",
                blocks: [
                    .chart(
                        Chart(
                            title: "Divergence by bits",
                            summary:
                                "Each bit fewer costs a factor of about five; rotating the keys wins half a bit back.",
                            x: ChartAxis(title: "bits a number", includesZero: true),
                            y: ChartAxis(
                                title: "KL divergence from the exact cache", unit: "nats", scale: .logarithmic
                            ),
                            series: [
                                ChartSeries(
                                    name: "caches", style: .points,
                                    points: caches.filter { $0.divergence > 0 }.map {
                                        ChartPoint(
                                            x: $0.bits, y: $0.divergence, low: $0.divergence * 0.7,
                                            high: $0.divergence * 1.45, label: $0.name)
                                    })
                            ],
                            references: [
                                ChartReference(axis: .y, value: 0.01, label: "what sampling at 0.7 moves")
                            ]))
                ]),
            ReportSection(
                heading: "Memory",
                blocks: [
                    .chart(
                        Chart(
                            title: "Memory by context",
                            summary:
                                "The planner's 2 GB are reached at 12,000 tokens by the exact cache and by no other within 16,384.",
                            x: ChartAxis(title: "context", unit: "tokens", format: .count),
                            y: ChartAxis(title: "keys and values", includesZero: true, format: .bytes),
                            series: [0, 1, 2, 4, 6].map(memory),
                            references: [
                                ChartReference(axis: .y, value: 2e9, label: "planner: 2 GB"),
                                ChartReference(axis: .x, value: 12_000, label: "12,000 tokens"),
                            ])),
                    .chart(
                        Chart(
                            title: "Where the bytes are",
                            summary: "Sealed pages take almost all of it; open pages are what stays exact.",
                            x: ChartAxis(title: ""),
                            y: ChartAxis(title: "bytes at 16,384 tokens", format: .bytes),
                            series: [
                                ChartSeries(
                                    name: "sealed pages", style: .bars,
                                    points: bars([2.6e9, 1.3e9, 0.68e9, 0.35e9, 0.31e9, 0.19e9])),
                                ChartSeries(
                                    name: "open pages", style: .bars,
                                    points: bars([0.02e9, 0.02e9, 0.05e9, 0.09e9, 0.09e9, 0.1e9])),
                                ChartSeries(
                                    name: "scratch", style: .bars,
                                    points: bars([0.11e9, 0.11e9, 0.12e9, 0.15e9, 0.16e9, 0.15e9])),
                            ])),
                ]),
        ],
        footer: ["Nuthatch 0.1.0, release build.", "Medians of five runs after one that isn't counted."])

    private static func bars(_ values: [Double]) -> [ChartPoint] {
        zip(caches.indices, values).map { index, value in
            ChartPoint(
                x: Double(index), y: value, low: value * 0.97, high: value * 1.03, label: caches[index].name)
        }
    }

    private static func speed(_ index: Int) -> ChartSeries {
        ChartSeries(
            name: caches[index].name,
            points: depths.map { depth in
                let speed = caches[index].speed / (1 + depth / 16384 * caches[index].memory * 2.2)
                return ChartPoint(x: depth, y: speed, low: speed * 0.93, high: speed * 1.05)
            })
    }

    private static func memory(_ index: Int) -> ChartSeries {
        ChartSeries(
            name: caches[index].name,
            points: depths.map { depth in
                ChartPoint(
                    x: depth, y: 165_000 * min(depth, index == 6 ? 1028 : depth) * caches[index].memory)
            })
    }

    private static let table = ReportTable(
        caption: "Eight caches at a depth of 16,384 tokens",
        columns: [ReportTable.Column(title: "cache")]
            + [
                "tokens/s", "low", "high", "first token, ms", "bits a number", "memory", "on disk",
                "KL divergence", "same first token",
            ].map { ReportTable.Column(title: $0, isNumeric: true) },
        rows: caches.map { cache in
            let speed = cache.speed / (1 + cache.memory * 2.2)
            return [
                cache.name, ChartNumber.plain.text((speed * 10).rounded() / 10),
                ChartNumber.plain.text((speed * 9.3).rounded() / 10),
                ChartNumber.plain.text((speed * 10.5).rounded() / 10),
                ChartNumber.count.text((90000 / cache.speed).rounded()), ChartNumber.plain.text(cache.bits),
                ChartNumber.bytes.text(165_000 * 16384 * cache.memory),
                cache.name.hasPrefix("off") ? "2.6 GB" : "", ChartNumber.plain.text(cache.divergence),
                cache.divergence < 1e-3 ? "100 %" : "97 %",
            ]
        })
}
