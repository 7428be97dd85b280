import CNuthatchKernels

/// The first tokens of a sequence, which stay exact when their page is coded.
///
///     page 0, sealed    | coded: all slots | exact: 16 slots |
///
/// The coded part takes them out of its ranges; nothing reads them there. Only where position 0 is kept for good.
struct ExactSinks: Hashable, Sendable {
    /// How many tokens, 1 to 16.
    let count: Int
    /// A page of one panel.
    let layout: PageLayout
    /// Where it begins within the page.
    let start: Int

    init?(_ geometry: LayerGeometry, retention: Retention, configuration: CacheConfiguration) {
        let storage = configuration.storage(of: geometry)
        guard storage.isQuantized, configuration.exactSinkCount > 0,
            retention.windowLength == nil || retention.sinkCount > 0
        else { return nil }
        count = configuration.exactSinkCount
        layout = PageLayout(
            geometry, keyStorage: storage.keys.whileOpen(configuration.residualStorage),
            valueStorage: storage.values.whileOpen(configuration.residualStorage),
            pageLength: PageLayout.panelWidth)
        start =
            PageLayout(
                geometry, keyStorage: storage.keys, valueStorage: storage.values,
                pageLength: configuration.pageLength
            ).byteCount
    }

    /// One head's exact slots within page 0.
    func plane(kvHead: Int) -> nuthatch_head_plane {
        layout.plane(kvHead: kvHead, start: start)
    }

    /// Copies one head's first panel from the open page: adjacent for keys, a part of each panel for values.
    func copy(
        kvHead: Int, from open: UnsafeRawPointer, _ openLayout: PageLayout, to sealed: UnsafeMutableRawPointer
    ) {
        let from = openLayout.plane(kvHead: kvHead)
        let to = plane(kvHead: kvHead)
        (sealed + to.key_offset).copyMemory(
            from: open + from.key_offset, byteCount: layout.keyPanelByteCount)
        guard !layout.holdsValuesInKeys else { return }
        let byteCount = layout.valuePanelByteCount
        let stride = openLayout.valuePanelByteCount
        for panel in 0..<layout.paddedValueDimension / PageLayout.panelWidth {
            (sealed + to.value_offset + panel * byteCount).copyMemory(
                from: open + from.value_offset + panel * stride, byteCount: byteCount)
        }
    }
}
