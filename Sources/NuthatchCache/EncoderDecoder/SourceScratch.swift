/// Room for keys and values of one layer of an encoder, of all sources of a pass: nobody looks at them once the layer
/// is done, so the next layer's are written over them.
///
/// Kept from pass to pass. What an encoder computes is a source's own, whatever was encoded before it.
package final class SourceScratch {
    private let geometry: LayerGeometry
    private let pool = PagePool()
    /// One for each source of a pass.
    private var caches: [SequenceCache] = []

    /// - Parameter geometry: of every layer of the encoder; it keeps everything.
    package init(_ geometry: LayerGeometry) {
        precondition(geometry.retention == .full, "an encoder sees all of its source")
        self.geometry = geometry
    }

    /// Bytes held now.
    package var byteCount: Int { caches.reduce(0) { $0 + $1.byteCount } }

    /// Room for sources that take these rows of a pass.
    ///
    /// - Throws: `CacheError.outOfMemory`; `CacheError.invalidConfiguration` for heads beyond `CacheLimits`.
    package func entries(_ rows: [Range<Int>]) throws(CacheError) -> [CacheBatch.Entry] {
        for cache in caches { cache.reset() }
        while caches.count < rows.count {
            // As they come: an encoder's keys are read by all rows once, and nothing is saved by narrower ones.
            let configuration = try CacheConfiguration(keyStorage: .f32, valueStorage: .f32)
            caches.append(try SequenceCache(configuration, layers: [geometry], pool: pool))
        }
        var entries: [CacheBatch.Entry] = []
        for (cache, rows) in zip(caches, rows) {
            try cache.reserve(rows.count)
            entries.append(CacheBatch.Entry(cache: cache, rows: rows))
        }
        return entries
    }
}
