import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

extension Explanation {
    /// The explanation as a report: what was looked at, each step, and what it comes to.
    var report: Report {
        let name = scenario.map { " (\($0))" } ?? ""
        let isCompared = steps.contains { $0.cached != nil }
        var sections = [ReportSection(heading: "What is looked at", blocks: [.facts(facts)])]
        if !remarks.isEmpty { sections[0].blocks += remarks.map { .paragraph($0) } }
        if let scenario, ["tiny-llama", "decoder-with-kv-cache"].contains(scenario) {
            sections.append(
                ReportSection(
                    heading: "Shapes", blocks: [.preformatted(shapeLines.joined(separator: "\n"))]))
        }
        var steps: [ReportBlock] = [.table(stepTable)]
        if self.steps.count > 2 * Self.mostEnds {
            steps.append(
                .paragraph(
                    "In detail follow the first \(Self.mostEnds) and the last \(Self.mostEnds); --json has them all."
                ))
        }
        sections.append(ReportSection(heading: "The steps", blocks: steps))
        let detailed =
            self.steps.count <= 2 * Self.mostEnds
            ? self.steps : self.steps.prefix(Self.mostEnds) + self.steps.suffix(Self.mostEnds)
        sections += detailed.map(section)
        sections.append(ReportSection(heading: "What it comes to", blocks: sumBlocks))
        if isCompared { sections.append(ReportSection(heading: "Why Q is not kept", blocks: useBlocks)) }
        return Report(
            title: isCompared ? "With and without a KV cache" : "Without a KV cache",
            subtitle: "\(model)\(name): \(text)", sections: sections)
    }

    /// Steps at the beginning and at the end that are told in detail; their matrices grow with the square of the tokens.
    private static let mostEnds = 4

    private var facts: [ReportFact] {
        [
            ReportFact(name: "model", value: model),
            ReportFact(
                name: "sizes",
                value: "\(Counted.text(sizes.layerCount, "layer")), hidden size \(sizes.hiddenSize), "
                    + "\(Counted.text(sizes.queryHeadCount, "query head")), "
                    + "\(Counted.text(sizes.kvHeadCount, "kv head")) of \(sizes.headDimension), "
                    + "vocabulary \(sizes.vocabularySize)"),
            ReportFact(name: "looked at", value: "layer \(layer), query head \(head)"),
            ReportFact(name: "cache", value: cache),
        ]
    }

    /// Tokens known before a step: those of the step before it.
    private func knownCount(before step: Step) -> Int {
        steps.first { $0.index == step.index - 1 }?.tokenCount ?? 0
    }

    private var stepTable: ReportTable {
        let isCompared = steps.contains { $0.cached != nil }
        var columns = [
            ReportTable.Column(title: "step", isNumeric: true),
            ReportTable.Column(title: "computed without"),
            ReportTable.Column(title: "of it again", isNumeric: true),
        ]
        if isCompared {
            columns += [
                ReportTable.Column(title: "computed with"),
                ReportTable.Column(title: "found", isNumeric: true), ReportTable.Column(title: "same bits"),
            ]
        }
        columns += [
            ReportTable.Column(title: "next"), ReportTable.Column(title: "probability", isNumeric: true),
        ]
        let rows = steps.map { step in
            var row = [
                "\(step.index)", step.uncached.map { Self.text(of: $0.inputs) } ?? "",
                "\(knownCount(before: step))",
            ]
            if isCompared {
                row += [
                    step.cached.map { Self.text(of: $0.inputs) } ?? "",
                    "\(step.cached?.cachedTokenCount ?? 0)", step.logitsAreEqual == true ? "yes" : "no",
                ]
            }
            return row + [
                (step.next.map(Self.shown) ?? "") + (step.isGiven ? " (given)" : ""),
                step.probability.map { Quantities.decimal($0, digits: 4) } ?? "",
            ]
        }
        return ReportTable(
            caption: "Tokens that each step computes, and the token that comes of them", columns: columns,
            rows: rows)
    }

    /// A token's text with line breaks and tabs that can be seen.
    private static func shown(_ token: Token) -> String {
        token.text.reduce(into: "") { text, character in
            switch character {
            case "\n", "\r\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default: text.append(character)
            }
        }
    }

    /// Tokens side by side, told apart: "中华|人民".
    private static func text(of tokens: [Token]) -> String {
        let shown = tokens.suffix(12).map(shown)
        return (shown.count < tokens.count ? "... " : "") + shown.joined(separator: "|")
    }

    // MARK: A step

    private func section(_ step: Step) -> ReportSection {
        let outcome = step.next.map { " -> \(Self.shown($0))" } ?? ""
        var blocks: [ReportBlock] = []
        if let uncached = step.uncached {
            blocks.append(
                .matrix(
                    matrix(
                        uncached, step, title: "Scores without the cache",
                        summary: "All \(step.tokenCount) rows are computed"
                            + (knownCount(before: step) > 0
                                ? ", \(knownCount(before: step)) of them again." : "."))))
        }
        if let cached = step.cached {
            blocks.append(
                .matrix(
                    matrix(
                        cached, step, title: "Scores with the cache",
                        summary: "\(Counted.text(cached.inputs.count, "row")) computed over "
                            + "\(cached.cachedTokenCount) cached keys and the row's own.")))
        }
        blocks.append(.table(shapeTable(step)))
        blocks.append(
            .table(workTable(step.cached?.work, step.uncached?.work, "What step \(step.index) takes")))
        for pass in [step.cached, step.uncached].compactMap(\.self) where !pass.isCountedRight {
            blocks.append(.note("The kernels counted something else: \(pass.countedWork)."))
        }
        return ReportSection(heading: "Step \(step.index)\(outcome)", blocks: blocks)
    }

    private func matrix(_ pass: Pass, _ step: Step, title: String, summary: String) -> ScoreMatrix {
        let tokens = step.uncached?.inputs ?? pass.inputs
        let labels = tokens.enumerated().map { "\($0.offset) \(Self.shown($0.element))" }
        let known = knownCount(before: step)
        let cells = (0..<step.tokenCount).map { row in
            (0..<step.tokenCount).map { column -> ScoreMatrix.Cell in
                guard row >= pass.cachedTokenCount else {
                    return ScoreMatrix.Cell(mark: column <= row ? .reused : .masked)
                }
                guard let score = pass.scores[row - pass.cachedTokenCount][column] else {
                    return ScoreMatrix.Cell(mark: .masked)
                }
                return ScoreMatrix.Cell(
                    value: Double(score), mark: row < known ? .computedAgain : .computed)
            }
        }
        return ScoreMatrix(
            title: title, summary: summary, rowLabels: labels, columnLabels: labels, cells: cells)
    }

    private func shapeTable(_ step: Step) -> ReportTable {
        let names = (step.uncached ?? step.cached)?.shapes.map(\.name) ?? []
        func size(_ pass: Pass?, _ name: String) -> String? {
            pass.map { "\($0.shapes.first { $0.name == name }?.dimensions ?? [])" }
        }
        var columns = [ReportTable.Column(title: "shape")]
        if step.uncached != nil { columns.append(ReportTable.Column(title: "without", isNumeric: true)) }
        if step.cached != nil { columns.append(ReportTable.Column(title: "with", isNumeric: true)) }
        return ReportTable(
            caption: "Shapes of layer \(layer) in step \(step.index)", columns: columns,
            rows: names.map { name in
                [name] + [size(step.uncached, name), size(step.cached, name)].compactMap(\.self)
            })
    }

    // MARK: Sums

    private var sumBlocks: [ReportBlock] {
        let with = steps.compactMap(\.cached?.work)
        let without = steps.compactMap(\.uncached?.work)
        let isCounted = steps.flatMap { [$0.cached, $0.uncached] }.allSatisfy { $0?.isCountedRight ?? true }
        var blocks: [ReportBlock] = [
            .table(
                workTable(
                    with.isEmpty ? nil : .sum(with), .sum(without),
                    "What \(Counted.text(steps.count, "step")) take\(steps.count == 1 ? "s" : "")"))
        ]
        blocks.append(
            .paragraph(
                isCounted
                    ? "Products and bytes are worked out from the model's sizes; the kernels counted the same while they ran."
                    : "The kernels counted other products or bytes than were worked out."))
        guard !with.isEmpty else { return blocks }
        let isEqual = steps.allSatisfy { $0.logitsAreEqual != false }
        let kept = steps.last?.cached?.keptByteCount ?? 0
        blocks.append(
            .note(
                (isEqual
                    ? "Every logit of every step has the same bits with the cache as without. "
                    : "Some logits differ between the two: that should not be. ")
                    + "The cache holds \(Quantities.bytes(kept)) for it."))
        if steps.count > 1 {
            func points(_ pass: (Step) -> Pass?) -> [ChartPoint] {
                steps.compactMap { step in
                    pass(step).map {
                        ChartPoint(x: Double(step.tokenCount), y: Double($0.work.multiplyAdds))
                    }
                }
            }
            blocks.append(
                .chart(
                    Chart(
                        title: "Products of each step",
                        summary:
                            "Without the cache a step's work grows with the sequence; with it, it hardly does.",
                        x: ChartAxis(title: "tokens of the sequence", format: .count),
                        y: ChartAxis(title: "products", includesZero: true, format: .count),
                        series: [
                            ChartSeries(name: "without the cache", points: points(\.uncached)),
                            ChartSeries(name: "with the cache", points: points(\.cached)),
                        ])))
        }
        return blocks
    }

    private func workTable(_ with: Work?, _ without: Work?, _ caption: String) -> ReportTable {
        var columns = [ReportTable.Column(title: "work")]
        if without != nil { columns.append(ReportTable.Column(title: "without", isNumeric: true)) }
        if with != nil { columns.append(ReportTable.Column(title: "with", isNumeric: true)) }
        if with != nil, without != nil { columns.append(ReportTable.Column(title: "ratio", isNumeric: true)) }
        func row(_ name: String, _ value: (Work) -> Int, isBytes: Bool) -> [String] {
            let numbers = [without, with].compactMap(\.self).map(value)
            let texts = numbers.map { isBytes ? Quantities.bytes($0) : Quantities.grouped($0) }
            guard numbers.count == 2 else { return [name] + texts }
            let ratio =
                numbers[1] > 0
                ? Quantities.decimal(Double(numbers[0]) / Double(numbers[1]), digits: 2) : "-"
            return [name] + texts + [ratio]
        }
        return ReportTable(
            caption: caption, columns: columns,
            rows: [
                row("products with weights", \.matrixMultiplyAdds, isBytes: false),
                row("products of attention", \.attentionMultiplyAdds, isBytes: false),
                row("weights read", \.weightByteCount, isBytes: true),
                row("keys and values read", \.cacheReadByteCount, isBytes: true),
                row("keys and values written", \.cacheWrittenByteCount, isBytes: true),
            ])
    }

    // MARK: Uses

    private var useBlocks: [ReportBlock] {
        [
            .paragraph(
                "A token's query is compared with all keys once, in the pass that computes it, and never again. Its key and "
                    + "its value are read in that pass and in every one behind it, so they are kept and the query is not."
            ),
            .table(
                ReportTable(
                    caption: "Passes that read each token's vectors",
                    columns: [
                        ReportTable.Column(title: "position", isNumeric: true),
                        ReportTable.Column(title: "token"), ReportTable.Column(title: "Q", isNumeric: true),
                        ReportTable.Column(title: "K and V", isNumeric: true),
                    ],
                    rows: uses.map {
                        [
                            "\($0.position)", Self.shown($0.token), "\($0.queryReadCount)",
                            "\($0.keyReadCount)",
                        ]
                    })),
        ]
    }
}
