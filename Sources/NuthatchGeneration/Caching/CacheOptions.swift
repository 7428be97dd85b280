import NuthatchCache
public import NuthatchTensors

/// How a session's keys and values are kept.
///
/// Storage, retention, placement and growth are chosen independently of each other. Cannot be invalid: the
/// initialiser refuses. `Preset` has the names that Hugging Face gives to some combinations.
public struct CacheOptions: Sendable, Equatable {
    /// How keys are held. Default q8.
    public let keys: Storage
    /// How values are held. Default q8.
    public let values: Storage
    /// How keys are held in layers whose model gives them a window. Default: as all others.
    public let windowKeys: Storage
    /// How values are held in layers whose model gives them a window. Default: as all others.
    public let windowValues: Storage
    /// How the codes of keys are made; nil where keys are held exactly. Default: the best measured.
    public let keyCoding: Coding?
    /// How the codes of values are made; nil where values are held exactly. Default: the best measured. Where a
    /// model's values are the first columns of its keys (latent attention), they are in the keys' codes.
    public let valueCoding: Coding?
    /// How many of the newest tokens stay exact, rounded up to pages; 0 where nothing is quantised. Default: the
    /// best measured.
    public let residualLength: Int
    /// How many of the first tokens stay exact, 0 to 16; 0 where nothing is quantised. Default: the best measured.
    public let exactFirstCount: Int
    /// Which sides are held rotated. Default: the best measured where values are quantised, else none; none too where
    /// a model's values are the first columns of its keys.
    public let rotation: Rotation
    /// Which positions are kept. Default: all that the model attends to.
    public let retention: Retention
    /// Where full pages live. Default: memory.
    public let placement: Placement
    /// How pages are obtained. Default: on demand.
    public private(set) var growth: Growth
    /// Whether it was said how values are coded, and what is rotated: what was not said depends on whether a model's
    /// values are in its keys.
    let asksForValueCoding: Bool
    let asksForRotation: Bool

    /// Codes of 8 bits in memory, growing on demand, everything kept that the model attends to.
    ///
    /// A full page takes a little more than half the bytes of half floats. What that costs in quality is measured with
    /// `nuthatch perplexity`, and is about a hundredth of what computing with activations of 8 bits does
    /// (Documentation/measurements.md).
    public static let `default` = CacheOptions(defaultStorage)

    /// How keys and values are held where nothing is said.
    public static let defaultStorage = Storage.q8

    /// Half floats in memory, growing on demand: what the preset `dynamic` names.
    package static let halfFloats = CacheOptions(.f16)

    /// These options with keys and values in half floats, beside which the bytes of codes are told.
    package var inHalfFloats: CacheOptions {
        CacheOptions(.f16, retention: retention, placement: placement, growth: growth)
    }

    /// How many first tokens can stay exact.
    public static let exactFirstCounts = 0...PageLayout.panelWidth

    /// One storage for all, at its best settings; the rest is of other options, or what goes with any storage.
    private init(
        _ storage: Storage, retention: Retention = .full, placement: Placement = .memory,
        growth: Growth = .dynamic
    ) {
        let best = storage.bestSettings
        keys = storage
        values = storage
        windowKeys = storage
        windowValues = storage
        keyCoding = best?.keyCoding
        valueCoding = best?.valueCoding
        residualLength = best?.residualLength ?? 0
        exactFirstCount = best?.exactFirstCount ?? 0
        rotation = best?.rotatesValues == true ? .values : .none
        self.retention = retention
        self.placement = placement
        self.growth = growth
        asksForValueCoding = false
        asksForRotation = false
    }

    /// Makes cache options. What is nil takes its default; for quantised sides that is the best measured, which
    /// depends on the size of their codes.
    ///
    /// - Throws: `NuthatchError` (usage) naming the property, what it was and what it may be.
    public init(
        keys: Storage = defaultStorage, values: Storage = defaultStorage, windowKeys: Storage? = nil,
        windowValues: Storage? = nil, keyCoding: Coding? = nil, valueCoding: Coding? = nil,
        residualLength: Int? = nil, exactFirstCount: Int? = nil, rotation: Rotation? = nil,
        retention: Retention = .full, placement: Placement = .memory, growth: Growth = .dynamic
    ) throws(NuthatchError) {
        try Self.check(keyCoding, of: "keys", heldAs: keys)
        try Self.check(valueCoding, of: "values", heldAs: values)
        let (windowKeys, windowValues) = (windowKeys ?? keys, windowValues ?? values)
        let best = [keys, values, windowKeys, windowValues].compactMap(\.bestSettings)
        if best.isEmpty, residualLength ?? 0 != 0 || exactFirstCount ?? 0 != 0 {
            throw NuthatchError(
                code: .usage, message: "Some tokens are to stay exact in a cache that quantises none.",
                remedy: "Hold keys or values in 8, 4 or 2 bits, or leave the numbers out.")
        }
        self.keys = keys
        self.values = values
        self.windowKeys = windowKeys
        self.windowValues = windowValues
        self.keyCoding = keyCoding ?? keys.bestSettings?.keyCoding
        self.valueCoding = valueCoding ?? values.bestSettings?.valueCoding
        self.residualLength = residualLength ?? best.map(\.residualLength).max() ?? 0
        self.exactFirstCount = exactFirstCount ?? best.map(\.exactFirstCount).max() ?? 0
        let rotatesValues = [values, windowValues].contains { $0.bestSettings?.rotatesValues == true }
        self.rotation = rotation ?? (rotatesValues ? .values : .none)
        self.retention = retention
        self.placement = placement
        self.growth = growth
        asksForValueCoding = valueCoding != nil
        asksForRotation = rotation != nil
        do {
            var reservation = NuthatchCache.Growth.dynamic
            if case .reserved(let tokenCount) = growth { reservation = .reserved(tokenCount: tokenCount) }
            _ = try makeConfiguration(growth: reservation)
        } catch {
            throw NuthatchError(error)
        }
    }

    /// The options that a preset names: keys and values in half floats, but for `quantized`.
    ///
    /// - Parameters:
    ///   - preset: the name.
    ///   - directory: where presets that offload keep their pages.
    /// - Throws: `NuthatchError` (usage), as the other initialiser.
    public init(preset: Preset, directory: String) throws(NuthatchError) {
        let storage = preset.isQuantized ? Storage.q4 : .f16
        try self.init(
            keys: storage, values: storage, retention: preset.keepsWindow ? .modelWindow : .full,
            placement: preset.isOnDisk == true ? .disk(directory: directory) : .memory,
            growth: preset.isReserved == true ? .reservedContext : .dynamic)
    }

    /// These options, with this context in force where the model's would be.
    package func reserving(contextLength: Int) -> CacheOptions {
        guard growth == .reservedContext else { return self }
        var options = self
        options.growth = .reserved(tokenCount: contextLength)
        return options
    }

    private static func check(
        _ coding: Coding?, of side: String, heldAs storage: Storage
    ) throws(NuthatchError) {
        guard coding != nil, storage.bitCount == nil else { return }
        throw NuthatchError(
            code: .usage, message: "A coding was given for \(side), which are held as \(storage.rawValue).",
            remedy: "Hold \(side) in 8, 4 or 2 bits, or leave the coding out.")
    }
}
