import NuthatchCache
import NuthatchModels

/// A cache to compare, under a name.
public struct CacheVariant: Sendable, Equatable {
    /// What tables and charts call it: "q8/q4".
    public let name: String
    /// How it keeps keys and values.
    public let options: CacheOptions

    /// A cache under a name.
    public init(_ name: String, _ options: CacheOptions) {
        self.name = name
        self.options = options
    }

    /// Every preset and every size that a model can have: floats of 16 bits, codes of 8, 4 and 2 bits, and, as presets
    /// have it in half floats, pages reserved up front, on the disk, and windows where the model has some. Sinks and a
    /// window are held in codes of 8 bits, as where nothing is said.
    ///
    /// - Parameters:
    ///   - model: which model.
    ///   - contextLength: tokens to compare over; what sinks and a window keep is a quarter of it.
    ///   - directory: where caches on the disk keep their pages; nil leaves those out.
    /// - Throws: `NuthatchError` for a model that keeps no one cache: an encoder-decoder.
    public static func usual(
        for model: LanguageModel, contextLength: Int, directory: String?
    ) throws -> [CacheVariant] {
        let hasWindows = try model.requireDecoder(for: "Comparing caches").layerGeometries
            .contains { $0.retention != .full }
        var variants = [
            CacheVariant("f32", try CacheOptions(keys: .f32, values: .f32)),
            CacheVariant("dynamic (f16)", .halfFloats),
            CacheVariant("bf16", try CacheOptions(keys: .bf16, values: .bf16)),
            CacheVariant("q8", try CacheOptions(keys: .q8, values: .q8)),
            CacheVariant("q8/q4", try CacheOptions(keys: .q8, values: .q4)),
            CacheVariant("quantized (q4)", try CacheOptions(keys: .q4, values: .q4)),
            CacheVariant("q4/q2", try CacheOptions(keys: .q4, values: .q2)),
            CacheVariant("q2", try CacheOptions(keys: .q2, values: .q2)),
            CacheVariant("static", try CacheOptions(keys: .f16, values: .f16, growth: .reservedContext)),
        ]
        if let directory {
            for preset in [CacheOptions.Preset.offloaded, .offloadedStatic] {
                variants.append(
                    CacheVariant(preset.rawValue, try CacheOptions(preset: preset, directory: directory)))
            }
        }
        if hasWindows {
            variants.append(
                CacheVariant(
                    "sliding_window", try CacheOptions(keys: .f16, values: .f16, retention: .modelWindow)))
        }
        if contextLength >= 64 {
            let window = contextLength / 4 - 4
            variants.append(
                CacheVariant(
                    "sinks=4+\(window)",
                    try CacheOptions(retention: .sinks(count: 4, window: window, positions: .inCache))))
        }
        // What a family can't have is left out where nobody asked for it.
        return variants.filter { model.canKeep($0.options) }
    }
}
