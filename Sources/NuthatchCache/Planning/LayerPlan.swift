/// What one layer's cache takes, as arithmetic.
package struct LayerPlan: Sendable, Equatable {
    package let geometry: LayerGeometry
    package let layout: PageLayout
    let kept: KeptPages

    /// - Throws: `CacheError.invalidConfiguration` if the geometry is outside `CacheLimits`.
    init(_ geometry: LayerGeometry, layer: Int, configuration: CacheConfiguration) throws(CacheError) {
        try geometry.validate(layer: layer)
        self.geometry = geometry
        layout = PageLayout(geometry, configuration: configuration)
        kept = KeptPages(geometry.retention, configuration: configuration)
    }

    /// Pages held with `tokenCount` tokens seen and room for `newTokenCount` more, growing on demand.
    package func pageCount(tokenCount: Int, newTokenCount: Int = 0) -> Int {
        kept.pages(tokenCount: tokenCount, newTokenCount: newTokenCount).count
    }

    /// The most pages held on the way to `capacity` tokens, `chunkLength` at a time: a reservation.
    package func mostPages(capacity: Int, chunkLength: Int) -> Int {
        kept.mostPages(capacity: capacity, chunkLength: chunkLength)
    }
}
