package import NuthatchGeneration

/// A cache layer by layer: `run --show-cache`, and `/cache` in a chat.
package enum CacheTable {
    /// A row for each run of layers that hold the same, and one for all.
    package static func text(_ report: CacheReport) -> String {
        var table = TextTable([
            "layer", "keys", "values", "retention", "placement", "pages", "on disk", "seen", "kept", "bits",
            "bytes",
        ])
        let options = report.options
        for (prefix, layers) in runs(of: report.layers).map({ ("", $0) })
            + runs(of: report.sourceLayers).map({ ("source ", $0) })
        {
            guard let first = layers.first, let last = layers.last else { continue }
            let pages = "\(first.pageCount)" + (first.sparePageCount > 0 ? "+\(first.sparePageCount)" : "")
            table.add([
                prefix + (first.index == last.index ? "\(first.index)" : "\(first.index)-\(last.index)"),
                first.keys.rawValue, first.values.rawValue, first.retention.description,
                options.placement.name, pages, "\(first.storedPageCount)",
                "\(first.seenTokenCount)", "\(first.keptTokenCount)",
                Quantities.decimal(first.bitsPerValue, digits: 2),
                Quantities.bytes(layers.reduce(0) { $0 + $1.byteCount }),
            ])
        }
        let all = report.layers + report.sourceLayers
        let pageCount = all.reduce(0) { $0 + $1.pageCount }
        let spareCount = all.reduce(0) { $0 + $1.sparePageCount }
        table.add([
            "total", "", "", "", "", "\(pageCount)" + (spareCount > 0 ? "+\(spareCount)" : ""),
            "\(all.reduce(0) { $0 + $1.storedPageCount })", "", "",
            Quantities.decimal(report.bitsPerValue, digits: 2), Quantities.bytes(report.byteCount),
        ])
        return table.text
    }

    /// Adjacent layers that differ in nothing but their number.
    private static func runs(of layers: [CacheReport.Layer]) -> [[CacheReport.Layer]] {
        var runs: [[CacheReport.Layer]] = []
        for layer in layers {
            if let last = runs.last?.last, last.holdsTheSame(as: layer) {
                runs[runs.count - 1].append(layer)
            } else {
                runs.append([layer])
            }
        }
        return runs
    }
}

extension CacheReport.Layer {
    fileprivate func holdsTheSame(as other: CacheReport.Layer) -> Bool {
        keys == other.keys && values == other.values && retention == other.retention
            && pageCount == other.pageCount
            && storedPageCount == other.storedPageCount
            && sparePageCount == other.sparePageCount
            && seenTokenCount == other.seenTokenCount && keptTokenCount == other.keptTokenCount
            && byteCount == other.byteCount && bitsPerValue == other.bitsPerValue
    }
}

/// One layer in `run --json --show-cache`.
struct CacheLayerResult: Encodable {
    let layer: Int
    let keys: String
    let values: String
    let retention: String
    let placement: String
    let pages: Int
    let storedPages: Int
    let sparePages: Int
    let tokensSeen: Int
    let tokensKept: Int
    let bytes: Int
    let bitsPerValue: Double
    let saturatedKeys: Int
    let saturatedValues: Int

    init(_ layer: CacheReport.Layer, options: CacheOptions) {
        self.layer = layer.index
        keys = layer.keys.rawValue
        values = layer.values.rawValue
        retention = layer.retention.description
        placement = options.placement.name
        pages = layer.pageCount
        storedPages = layer.storedPageCount
        sparePages = layer.sparePageCount
        tokensSeen = layer.seenTokenCount
        tokensKept = layer.keptTokenCount
        bytes = layer.byteCount
        bitsPerValue = layer.bitsPerValue
        saturatedKeys = layer.saturatedKeyCount
        saturatedValues = layer.saturatedValueCount
    }
}
