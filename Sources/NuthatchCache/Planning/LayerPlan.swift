/// What one layer's cache takes, as arithmetic.
package struct LayerPlan: Sendable, Hashable {
    package let geometry: LayerGeometry
    /// What the layer keeps: its own retention, or less where the configuration asks for less.
    package let retention: Retention
    /// A page while tokens are written to it.
    package let openLayout: PageLayout
    /// A page that is full and done.
    package let sealedLayout: PageLayout
    /// What lies behind a coded page 0: one panel of its first slots as they were, see `ExactSinks`. Nil where there
    /// are none.
    let exactSinks: ExactSinks?
    let kept: KeptPages
    let isOnDisk: Bool
    let rotation: Rotation
    /// The vectors that values are rotated as: whole heads, or, where they are in the keys, the blocks of those.
    let rotatedValueDimension: Int

    /// - Throws: `CacheError.invalidConfiguration` if the geometry is outside `CacheLimits`, or is one that the
    ///   configuration can't hold.
    init(_ geometry: LayerGeometry, layer: Int, configuration: CacheConfiguration) throws(CacheError) {
        try geometry.validate(layer: layer)
        try Self.check(configuration.rotation, geometry, layer: layer)
        if geometry.values == .firstKeyColumns {
            try Self.checkValuesInKeys(configuration, geometry, layer: layer)
        }
        self.geometry = geometry
        isOnDisk = configuration.placement.isDisk
        rotation = configuration.rotation
        rotatedValueDimension =
            geometry.values == .ownPlane
            ? geometry.valueDimension : Rotation.blockLength(geometry.keyDimension)
        retention = geometry.retention.limited(by: configuration.retention)
        let storage = configuration.storage(of: geometry)
        openLayout = PageLayout(
            geometry, keyStorage: storage.keys.whileOpen(configuration.residualStorage),
            valueStorage: storage.values.whileOpen(configuration.residualStorage),
            pageLength: configuration.pageLength)
        sealedLayout = PageLayout(
            geometry, keyStorage: storage.keys, valueStorage: storage.values,
            pageLength: configuration.pageLength)
        exactSinks = ExactSinks(geometry, retention: retention, configuration: configuration)
        kept = KeptPages(retention, configuration: configuration)
    }

    private static func check(
        _ rotation: Rotation, _ geometry: LayerGeometry, layer: Int
    ) throws(CacheError) {
        for (side, dimension) in [(Rotation.keys, geometry.keyDimension), (.values, geometry.valueDimension)]
        where rotation.contains(side) && dimension % 2 != 0 {
            throw .invalidConfiguration(
                reason:
                    "Layer \(layer) has heads of \(dimension) dimensions, an odd number, which can't be held rotated, as "
                    + "quantised \(side == .keys ? "keys" : "values") are unless that is switched off.",
                remedy: "Hold them as they are (--kv-rotate none).")
        }
    }

    /// Whether what is asked for values is what the keys are anyway.
    private static func checkValuesInKeys(
        _ configuration: CacheConfiguration, _ geometry: LayerGeometry, layer: Int
    ) throws(CacheError) {
        let held = "Layer \(layer) holds its values once, as the first columns of its keys"
        let storage = configuration.storage(of: geometry)
        guard storage.keys == storage.values else {
            throw .invalidConfiguration(
                reason:
                    "\(held); they can't be held as \(storage.values.summary) where keys are held as "
                    + "\(storage.keys.summary).",
                remedy:
                    "Ask for the same storage of both (--kv-keys, --kv-values), and where you say how codes are made, "
                    + "for the same of both (--kv-axis-keys, --kv-axis-values, --kv-group).")
        }
        let rotation = configuration.rotation
        guard rotation.isEmpty || rotation == [.keys, .values] else {
            throw .invalidConfiguration(
                reason: "\(held); \(rotation == .keys ? "keys" : "values") alone can't be held rotated.",
                remedy: "Rotate both or neither (--kv-rotate both, --kv-rotate none).")
        }
        let block = Rotation.blockLength(geometry.keyDimension)
        guard rotation.isEmpty || geometry.valueDimension % block == 0 else {
            throw .invalidConfiguration(
                reason:
                    "\(held). Keys of \(geometry.keyDimension) dimensions are rotated in blocks of \(block), which "
                    + "the first \(geometry.valueDimension) don't fill.",
                remedy: "Hold them as they are (--kv-rotate none).")
        }
    }

    /// Pages in each form.
    package struct PageCounts: Sendable, Equatable {
        package var open = 0
        /// Sealed ones in memory.
        package var sealed = 0
        /// Whether page 0 is among those.
        package var hasFirst = false
        /// Sealed ones on disk.
        package var stored = 0
    }

    /// Pages held with `tokenCount` tokens seen and room for `newTokenCount` more, growing on demand. Those that
    /// the new tokens seal go to disk behind the pass.
    package func pages(tokenCount: Int, newTokenCount: Int = 0) -> PageCounts {
        let all = sealedCount(tokenCount: tokenCount, newTokenCount: newTokenCount)
        let stored = isOnDisk ? sealedCount(tokenCount: tokenCount, newTokenCount: 0) : 0
        return PageCounts(
            open: kept.open(tokenCount: tokenCount, newTokenCount: newTokenCount).count,
            sealed: all - stored, hasFirst: all > 0 && stored == 0, stored: stored)
    }

    private func sealedCount(tokenCount: Int, newTokenCount: Int) -> Int {
        kept.sealed(tokenCount: tokenCount, newTokenCount: newTokenCount).count
            + kept.sinks(tokenCount: tokenCount, newTokenCount: newTokenCount).count
    }

    /// The most pages held on the way to `capacity` tokens, `chunkLength` at a time: a reservation.
    package func mostPages(capacity: Int, chunkLength: Int) -> PageCounts {
        let sealed = kept.mostSealed(capacity: capacity, chunkLength: chunkLength)
        let inMemory =
            isOnDisk ? min(sealed, kept.mostSealing(capacity: capacity, chunkLength: chunkLength)) : sealed
        return PageCounts(
            open: kept.mostOpen(capacity: capacity, chunkLength: chunkLength), sealed: inMemory,
            hasFirst: inMemory > 0, stored: isOnDisk ? sealed : 0)
    }

    /// Bytes of a page in sealed form.
    func sealedByteCount(of number: Int) -> Int {
        sealedLayout.byteCount + (number == 0 ? exactSinks?.layout.byteCount ?? 0 : 0)
    }

    /// Bytes of those pages in memory.
    func byteCount(_ pages: PageCounts) -> ByteCount {
        ByteCount(openLayout.byteCount, times: pages.open)
            + ByteCount(sealedLayout.byteCount, times: pages.sealed)
            + ByteCount(exactSinks?.layout.byteCount ?? 0, times: pages.hasFirst ? 1 : 0)
            + ByteCount(memoryByteCount, times: 1)
    }

    /// Bytes of compressive memory, the state and the copy that a pass works on; 0 for layers without.
    package var memoryByteCount: Int {
        if case .compressive = retention { 2 * CompressiveMemory.byteCount(geometry) } else { 0 }
    }
}
