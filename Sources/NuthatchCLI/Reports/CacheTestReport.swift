import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

extension CacheTest {
    /// The test as a report: the choice, and what each size costs.
    ///
    /// - Parameter path: where the choice was written; nil where it wasn't.
    func report(path: String?) -> Report {
        let bytes = "\(Quantities.bytes(byteCount)) for the whole context"
        var blocks: [ReportBlock] = [
            .note(
                choice.meanKLDivergence <= tolerance
                    ? "\(text): KL \(SmallNumber.text(choice.meanKLDivergence)) of at most "
                        + "\(SmallNumber.text(tolerance)), \(bytes) instead of \(Quantities.bytes(floatByteCount)) in half "
                        + "floats."
                    : "Nothing costs as little as \(SmallNumber.text(tolerance)): \(text) stay, at KL "
                        + "\(SmallNumber.text(choice.meanKLDivergence)) and \(bytes).")
        ]
        blocks.append(
            .paragraph(
                path.map {
                    "run and chat take it from \($0) where no option says how keys and values are held."
                }
                    ?? "Nothing was written."))
        return Report(
            title: "The fewest bits for \(model)",
            subtitle: "\(Counted.text(tokenCount, "token")) of text, weights \(weights)",
            sections: [
                ReportSection(heading: "The choice", blocks: blocks),
                ReportSection(heading: "What each size costs", blocks: kinds.map { .table(table($0)) }),
            ])
    }

    private var text: String {
        guard let options = try? choice.options() else { return "" }
        let storage = StorageText(options).text
        return storage.prefix(1).uppercased() + storage.dropFirst()
    }

    private func table(_ kind: Kind) -> ReportTable {
        let others = kinds.count > 1 ? ", the others in half floats" : ""
        return ReportTable(
            caption: "\(kind.layerCount) layers of the kind \(kind.name)\(others)",
            columns: [
                .init(title: "keys"), .init(title: "values"), .init(title: "KL", isNumeric: true),
                .init(title: "within"),
            ],
            rows: kind.candidates.map { candidate in
                [
                    candidate.keys.rawValue, candidate.values.rawValue,
                    SmallNumber.text(candidate.meanKLDivergence),
                    candidate.meanKLDivergence <= tolerance ? "yes" : "no",
                ]
            }, rowHeaderCount: 2)
    }
}
