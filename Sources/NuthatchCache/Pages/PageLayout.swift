import CNuthatchKernels

/// Where the keys and values of every kv head of one layer lie in a page of L slots.
///
///     | head 0                         | head 1                         | ...
///     | keys          | values         | keys          | values         |
///
///     keys     [panel of 16 slots][keyDimension][16 slots]
///     values   [panel of 16 dimensions][L slots][16 dimensions]
///
/// In both, 16 adjacent numbers are one vector and a panel is read front to back: a score gathers over
/// dimensions with 16 slots side by side, an output over slots with 16 dimensions side by side. So neither
/// ever sums across a vector, and any dimension works: keys need no padding, values are filled up with zeros
/// to a multiple of 16. Regions start at multiples of 64 bytes.
package struct PageLayout: Sendable, Equatable {
    /// Numbers in a vector of every kernel table.
    package static let panelWidth = Int(NUTHATCH_ATTENTION_PANEL_WIDTH)
    /// A cache line, and a full vector of AVX-512.
    package static let alignment = 64

    package let pageLength: Int
    package let kvHeadCount: Int
    package let keyDimension: Int
    package let valueDimension: Int
    package let keyStorage: Storage
    package let valueStorage: Storage

    /// The geometry was validated, so nothing here overflows; see `CacheLimits`.
    init(_ geometry: LayerGeometry, configuration: CacheConfiguration) {
        pageLength = configuration.pageLength
        kvHeadCount = geometry.kvHeadCount
        keyDimension = geometry.keyDimension
        valueDimension = geometry.valueDimension
        keyStorage = configuration.keyStorage
        valueStorage = configuration.valueStorage
    }

    /// Bytes of a page: what the pool allocates and the planner counts.
    package var byteCount: Int { kvHeadCount * headByteCount }

    /// Bits per number kept, padding included, of a full page.
    package var bitsPerValue: Double {
        Double(byteCount * 8) / Double(pageLength * kvHeadCount * (keyDimension + valueDimension))
    }

    var paddedValueDimension: Int { Self.round(valueDimension, upTo: Self.panelWidth) }

    private var headByteCount: Int { keyByteCount + valueByteCount }

    private var keyByteCount: Int {
        Self.round(pageLength * keyDimension * keyStorage.elementByteCount, upTo: Self.alignment)
    }

    private var valueByteCount: Int {
        Self.round(pageLength * paddedValueDimension * valueStorage.elementByteCount, upTo: Self.alignment)
    }

    private static func round(_ count: Int, upTo unit: Int) -> Int { (count + unit - 1) / unit * unit }

    /// One head's part, as the kernels take it.
    func plane(kvHead: Int) -> nuthatch_head_plane {
        nuthatch_head_plane(
            page_length: pageLength, key_dimension: keyDimension, value_dimension: valueDimension,
            key_offset: kvHead * headByteCount, value_offset: kvHead * headByteCount + keyByteCount,
            key_storage: keyStorage.kernelStorage, value_storage: valueStorage.kernelStorage,
            key_coding: nuthatch_coding(), value_coding: nuthatch_coding())
    }
}
