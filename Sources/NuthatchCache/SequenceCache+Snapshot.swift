extension SequenceCache {
    /// What decides how pages are to be read, as text: a saved cache fits another one if these are equal. Growth,
    /// placement and the length of chunks leave no trace in pages, so a cache may be saved from memory and restored
    /// to disk.
    package static func formDescription(_ plan: CachePlan) -> String {
        let configuration = plan.configuration
        var lines = [
            "page \(configuration.pageLength) keys \(configuration.keyStorage) values \(configuration.valueStorage)",
            "residual \(configuration.residualStorage) \(configuration.residualLength)",
            "sinks \(configuration.exactSinkCount) rotation \(configuration.rotation.rawValue)",
        ]
        if let windows = configuration.windowStorage {
            lines.append("windows' keys \(windows.keys) values \(windows.values)")
        }
        lines += plan.layers.map { layer in
            let geometry = layer.geometry
            let values =
                switch geometry.values {
                case .ownPlane: "+ \(geometry.valueDimension)"
                case .firstKeyColumns: "with values in the first \(geometry.valueDimension)"
                }
            return "\(geometry.kvHeadCount) x \(geometry.keyDimension) \(values) \(layer.retention)"
        }
        return lines.joined(separator: "\n")
    }

    /// Saves the cache to a file, from which `restore` makes the same cache again, here or in another process.
    ///
    /// - Parameter identity: what it was computed with; its configuration part covers `formDescription`.
    /// - Throws: `CacheError`; then no file is there, or the one that was there before.
    package func save(to path: String, identity: SnapshotIdentity) throws(CacheError) {
        try finishTransfers()
        var layers: [[SnapshotPageList]] = []
        var pages: [[Page]] = []
        for index in layerCaches.indices {
            let lists = try layerCaches[index].snapshotRuns(pool: pool)
            layers.append(lists.flatMap(\.lists))
            pages.append(lists.flatMap(\.pages))
        }
        let saved = SnapshotContent(
            tokenCount: tokenCount, tokens: content.tokens, layers: layers, grids: content.images)
        var writer = try SnapshotWriter(path: path, identity: identity, content: saved)
        let buffer = PageBuffer(byteCount: pages.joined().map(\.byteCount).max() ?? 0)
        for page in pages.joined() { try writer.append(page.read(buffer)) }
        try writer.finish()
    }

    /// Replaces the cache's content by a saved one.
    ///
    /// Everything is checked, and read into a second cache, before anything changes: memory for both is needed for
    /// a moment.
    ///
    /// - Throws: `CacheError.snapshotRefused` for a file that is damaged or belongs to something else,
    ///   `CacheError.full` for more tokens than were reserved, `CacheError.outOfMemory`, `CacheError.ioFailed`; the
    ///   cache is as it was.
    package func restore(from path: String, identity: SnapshotIdentity) throws(CacheError) {
        // The pages are checked as they are read.
        let reader = try SnapshotReader(path: path, expecting: identity, checksPages: false)
        let content = reader.content
        guard content.layers.count == layers.count, content.tokens.count == content.tokenCount else {
            throw .snapshotRefused(path: path, .damagedHeader(field: "number of layers or tokens"))
        }
        if case .reserved(let capacity) = configuration.growth, content.tokenCount > capacity {
            throw .full(capacity: capacity, asked: content.tokenCount)
        }
        let shadow = try SequenceCache(configuration, layers: layers, pool: pool)
        let saved = LayerCache.SavedLayers(reader: reader, file: shadow.offload?.disk.file, pool: pool)
        for index in shadow.layerCaches.indices {
            guard try shadow.layerCaches[index].fill(index, of: saved, tokenCount: content.tokenCount) else {
                throw .snapshotRefused(path: path, .damagedHeader(field: "list of pages of layer \(index)"))
            }
        }
        try? finishTransfers()
        shadow.begin(SequenceContent(content.tokens, images: content.grids.all))
        takeOver(shadow)
    }
}
