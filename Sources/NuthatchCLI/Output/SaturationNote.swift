package import NuthatchGeneration
import NuthatchTensors

/// What is said where keys or values were too large for their storage.
package enum SaturationNote {
    /// A sentence for each side that was, and its remedy; nil where neither was.
    package static func text(_ report: GenerationReport, _ cache: CacheOptions) -> String? {
        let sides = [
            ("keys", report.saturatedKeyCount, cache.keys),
            ("values", report.saturatedValueCount, cache.values),
        ]
        let sentences = sides.filter { $0.1 > 0 }.map { side, count, storage in
            // What is to be quantised is held in half floats first.
            let isWide = storage == .bf16
            return
                "nuthatch: \(Counted.text(count, "number")) of \(side) in the cache "
                + "\(Counted.were(count)) beyond what "
                + "\(isWide ? "bf16" : "f16") holds and \(count == 1 ? "stands" : "stand") there as its largest, "
                + "\(isWide ? "3.39e38" : "65504"). Hold \(side) "
                + "wider: --kv-\(side) \(isWide ? "f32" : "bf16 or f32").\n"
        }
        return sentences.isEmpty ? nil : sentences.joined()
    }
}
