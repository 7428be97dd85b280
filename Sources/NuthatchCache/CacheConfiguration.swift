import NuthatchTensors

/// What a cache keeps, how it holds numbers, where, and how it grows: a value that cannot be invalid.
///
/// Retention, storage, placement and growth are independent of each other (law L4): every combination works under
/// every verb, or is refused here with a sentence.
package struct CacheConfiguration: Sendable, Hashable {
    /// How sealed pages hold keys, and values.
    package let keyStorage: Storage
    package let valueStorage: Storage
    /// How sealed pages of layers hold both whose model gives them a window; nil: as all others.
    package let windowStorage: LayerStorage?
    /// How open pages hold what will be quantised when they are sealed.
    package let residualStorage: ExactStorage
    /// How many of the newest tokens at least a query reads in open form, beside its own page; rounded up to pages.
    /// Of no meaning where nothing is quantised.
    package let residualLength: Int
    /// How many of a sequence's first tokens stay exact when their page is quantised, 0 to 16. The first token draws
    /// attention whatever it holds: its key is an outlier in most channels and would stretch the groups of its page,
    /// and its value is read by half of the heads with most of their weight (KVQuant, arXiv:2401.18079). Of no meaning
    /// where nothing is quantised or position 0 is not kept.
    package let exactSinkCount: Int
    /// Which sides are multiplied by an orthogonal matrix before they are held, so that no dimension stands out.
    package let rotation: Rotation
    /// What to keep of layers whose model would keep more; nil leaves every layer its own retention.
    package let retention: Retention?
    /// Where sealed pages live.
    package let placement: Placement
    /// How pages are obtained.
    package let growth: Growth
    /// Slots per page.
    package let pageLength: Int
    /// The most tokens one pass may bring where pages were reserved whose number depends on it; unlimited elsewhere.
    package let chunkLength: Int
    /// How many tokens `SequenceCache.truncate` can always take back exactly, in window layers and quantised pages
    /// too: what such a layer keeps beyond its need. Layers of full history held exactly give back any number
    /// whatever this says.
    package let guaranteedRewind: Int

    /// Attention reads a page's keys as panels of 16 slots, four at a time (`attention_avx512.c`), so 64
    /// slots fill a tile. What a longer page would save is small by then: per page and query row attention
    /// pays one maximum, one correction and one rescaling of the accumulator, some 40 vector operations
    /// against 4 x (64 + 64) for 64 slots of 64 dimensions. What it would cost is not: the tail of a sequence
    /// is half empty on average, so every layer of every sequence wastes half a page, windows keep up to one
    /// page too much, and a fork copies up to one. A page of SmolLM2 (3 heads of 64 + 64, f16) is 48 KiB,
    /// twelve pages of memory.
    package static let defaultPageLength = 64

    /// Tokens of a prompt that are computed at a time, for which `Growth.reserved` sets pages aside in window layers,
    /// when nothing else is said: enough that reading the weights costs less than using them, few enough that their
    /// activations are small beside the weights (measurements: Documentation/performance.md, "Memory").
    package static let defaultChunkLength = 256

    /// - Parameter pageLength: nil takes the default, or the length of the longest group by channel.
    /// - Throws: `CacheError.invalidConfiguration`, naming the property and its limits.
    package init(
        keyStorage: Storage = .f16, valueStorage: Storage = .f16, windowStorage: LayerStorage? = nil,
        residualStorage: ExactStorage = .f16,
        residualLength: Int = 0, exactSinkCount: Int = 0, rotation: Rotation = [],
        retention: Retention? = nil,
        placement: Placement = .memory, growth: Growth = .dynamic, pageLength: Int? = nil,
        chunkLength: Int = defaultChunkLength, guaranteedRewind: Int = 0
    ) throws(CacheError) {
        let all = LayerStorage(keys: keyStorage, values: valueStorage)
        let quantizations = [all, windowStorage ?? all].flatMap {
            [$0.keys.quantization, $0.values.quantization]
        }
        .compactMap(\.self)
        let channelGroups = quantizations.filter { $0.axis == .channel }.map(\.groupLength)
        self.pageLength = try Self.pageLength(pageLength, channelGroups: channelGroups)
        if case .reserved(let tokenCount) = growth { try Self.check(tokenCount, "a reservation", from: 1) }
        try Self.check(chunkLength, "a chunk length", from: 1)
        try Self.check(guaranteedRewind, "a guaranteed rewind", from: 0)
        try Self.check(residualLength, "a residual length", from: 0)
        guard (0...PageLayout.panelWidth).contains(exactSinkCount) else {
            throw .invalidConfiguration(
                reason:
                    "\(Counted.text(exactSinkCount, "token")) to keep exact is not from 0 to \(PageLayout.panelWidth).",
                remedy: "Use 0 to keep none, or 4.")
        }
        try retention?.validate("The cache's retention")
        self.keyStorage = keyStorage
        self.valueStorage = valueStorage
        self.windowStorage = windowStorage == all ? nil : windowStorage
        self.residualStorage = residualStorage
        self.residualLength = residualLength
        self.exactSinkCount = exactSinkCount
        self.rotation = rotation
        self.retention = retention
        self.placement = placement
        self.growth = growth
        self.chunkLength = chunkLength
        self.guaranteedRewind = guaranteedRewind
    }

    /// Whether any layer's full pages are coded; then those of all layers are sealed as they become full.
    package var isQuantized: Bool {
        LayerStorage(keys: keyStorage, values: valueStorage).isQuantized || windowStorage?.isQuantized == true
    }

    /// How sealed pages of a layer hold their numbers.
    package func storage(of layer: LayerGeometry) -> LayerStorage {
        let usual = LayerStorage(keys: keyStorage, values: valueStorage)
        return layer.hasWindow ? windowStorage ?? usual : usual
    }

    private static func pageLength(
        _ asked: Int?, channelGroups: [Int]
    ) throws(CacheError) -> Int {
        let length = asked ?? max(defaultPageLength, channelGroups.max() ?? 0)
        let panelWidth = PageLayout.panelWidth
        guard length % panelWidth == 0, (panelWidth...CacheLimits.pageLength).contains(length) else {
            throw .invalidConfiguration(
                reason: "A page length of \(Counted.text(length, "slot")) is not a multiple of \(panelWidth) "
                    + "from \(panelWidth) to \(CacheLimits.pageLength).",
                remedy: "Use \(Self.defaultPageLength).")
        }
        for group in channelGroups where length % group != 0 {
            throw .invalidConfiguration(
                reason:
                    "Groups of \(Counted.text(group, "token")) of a channel do not fill pages of \(Counted.text(length, "slot")).",
                remedy: "Use a page length that is a multiple of \(group), or groups by token.")
        }
        return length
    }

    private static func check(_ count: Int, _ what: String, from least: Int) throws(CacheError) {
        guard !(least...CacheLimits.tokenCount).contains(count) else { return }
        throw .invalidConfiguration(
            reason:
                "\(Counted.text(count, "token")) for \(what) is not from \(least) to \(CacheLimits.tokenCount).",
            remedy: "Use a number within these limits.")
    }
}

/// How pages are obtained.
package enum Growth: Sendable, Hashable {
    /// On demand.
    case dynamic
    /// Reserved up front for this many tokens; never grows.
    case reserved(tokenCount: Int)
}

/// Sizes no cache exceeds. Within them the bytes of a page fit 40 bits, so nothing computed from one page
/// overflows.
package enum CacheLimits {
    package static let layerCount = 4_096
    package static let kvHeadCount = 4_096
    package static let headDimension = 4_096
    package static let pageLength = 4_096
    package static let tokenCount = 1 << 31
}
