package import CNuthatchKernels

/// Where the keys and values of every kv head of one layer lie in a page of L slots.
///
///     | head 0                         | head 1                         | ...
///     | keys          | values         | keys          | values         |
///
///     keys     [panel of 16 slots][keyDimension][16 slots]
///     values   [panel of 16 dimensions][L slots][16 dimensions]
///
/// Where a layer's values are the first columns of its keys (`LayerGeometry.ValuePlace`), a head has keys alone.
///
/// In both, 16 adjacent numbers are one vector and a panel is read front to back: a score gathers over
/// dimensions with 16 slots side by side, an output over slots with 16 dimensions side by side. So neither
/// ever sums across a vector, and any dimension works: keys need no padding, values are filled up with zeros
/// to a multiple of 16. Regions start at multiples of 64 bytes. Coded numbers lie as `PlaneLayout` draws them.
package struct PageLayout: Sendable, Hashable {
    /// Numbers in a vector of every kernel table.
    package static let panelWidth = Int(NUTHATCH_ATTENTION_PANEL_WIDTH)
    /// A cache line, and a full vector of AVX-512.
    package static let alignment = 64

    package let pageLength: Int
    package let kvHeadCount: Int
    package let keyDimension: Int
    package let valueDimension: Int
    /// Numbers of a full page, without padding.
    package let valueCount: Int
    private let keys: PlaneLayout
    /// Nil where values are in the keys.
    private let values: PlaneLayout?

    init(_ geometry: LayerGeometry, keyStorage: Storage, valueStorage: Storage, pageLength: Int) {
        self.pageLength = pageLength
        kvHeadCount = geometry.kvHeadCount
        keyDimension = geometry.keyDimension
        valueDimension = geometry.valueDimension
        keys = PlaneLayout(.keys, keyStorage, dimension: keyDimension, pageLength: pageLength)
        values =
            geometry.values == .ownPlane
            ? PlaneLayout(.values, valueStorage, dimension: valueDimension, pageLength: pageLength) : nil
        valueCount = pageLength * geometry.numbersPerToken
    }

    package var keyStorage: Storage { keys.storage }
    package var valueStorage: Storage { values?.storage ?? keys.storage }
    package var holdsValuesInKeys: Bool { values == nil }

    /// Bytes of a page: what the pool allocates and the planner counts.
    package var byteCount: Int { kvHeadCount * headByteCount }

    /// Bits per number kept, scales, offsets and padding included, of a full page.
    package var bitsPerValue: Double { Double(byteCount * 8) / Double(valueCount) }

    var paddedValueDimension: Int {
        (valueDimension + Self.panelWidth - 1) / Self.panelWidth * Self.panelWidth
    }

    /// Bytes of a panel of exact keys, [keyDimension][16 slots], and of exact values, [L slots][16 dimensions]; of
    /// values none where they are in the keys.
    var keyPanelByteCount: Int { keyDimension * Self.panelWidth * keys.storage.elementByteCount }
    var valuePanelByteCount: Int { pageLength * Self.panelWidth * (values?.storage.elementByteCount ?? 0) }

    /// Bytes of one head's part.
    package var headByteCount: Int { keys.byteCount + (values?.byteCount ?? 0) }

    /// Bytes that some tokens' keys and values of one head are, in a page that holds them exactly.
    package func exactByteCount(tokenCount: Int) -> Int {
        tokenCount
            * (keyDimension * keys.storage.elementByteCount
                + valueDimension * (values?.storage.elementByteCount ?? 0))
    }

    /// One head's part, as the kernels take it.
    ///
    /// - Parameter start: bytes in front of the first head.
    package func plane(kvHead: Int, start: Int = 0) -> nuthatch_head_plane {
        let shown = values ?? keys
        return nuthatch_head_plane(
            page_length: pageLength, key_dimension: keyDimension, value_dimension: valueDimension,
            holds_values_in_keys: holdsValuesInKeys ? 1 : 0, key_offset: start + kvHead * headByteCount,
            value_offset: start + kvHead * headByteCount + keys.byteCount,
            key_storage: keys.kernelStorage, value_storage: shown.kernelStorage, key_coding: keys.coding,
            value_coding: shown.coding)
    }
}
