/// What a sequence shares with those that begin alike.
extension SequenceCache {
    /// Whether its pages become columns of a prefix store.
    package var isInPrefixStore: Bool { lease?.store != nil }

    /// Whether it has pages that its prefix store has not been told of, or that were on their way to the disk by then.
    package var hasUnnotedPages: Bool {
        guard let lease else { return false }
        return lease.isWaiting || lease.names.count < tokenCount / configuration.pageLength
    }

    /// The pages of all layers with one number, of a page that is full; called between passes.
    package func column(_ number: Int) -> PageColumn {
        precondition(
            (number + 1) * configuration.pageLength <= tokenCount, "only full pages are shared")
        let isLast = (number + 1) * configuration.pageLength == tokenCount
        return PageColumn(
            layers: layerCaches.map { $0.forms(number, isLast: isLast) }, saturation: saturation.counted)
    }

    /// Becomes the continuation of matched columns, from page 0 on, and of the beginning of one more page.
    ///
    /// Pages are shared as between forks; only the part, and what a reservation needs of its own, is copied.
    ///
    /// - Parameters:
    ///   - part: the page behind them, where `content` ends inside it.
    ///   - content: the tokens and images of all of that.
    /// - Throws: `CacheError.outOfMemory`, `CacheError.ioFailed`, `CacheError.damagedPage`; the cache is as it was.
    package func attach(
        _ columns: [PageColumn], part: PageColumn? = nil, content: SequenceContent
    ) throws(CacheError) {
        precondition(tokenCount == 0, "an empty cache becomes the continuation of a prefix")
        try? finishTransfers()
        endPass()
        var byteCounts: [Int] = []
        let tokenCount = content.tokenCount
        let prefixes = layerCaches.indices.map { layer in
            LayerPrefix(
                pages: (columns + [part].compactMap { $0 }).map { $0.layers[layer] },
                tokenCount: tokenCount, pageLength: configuration.pageLength)
        }
        for (layer, prefix) in zip(layerCaches, prefixes) { layer.addCopies(of: prefix, to: &byteCounts) }
        var supply = byteCounts.isEmpty ? [] : try pool.take(byteCounts)[...]
        var attached: [LayerCache] = []
        for (layer, prefix) in zip(layerCaches, prefixes) {
            attached.append(try layer.attached(to: prefix, copies: &supply))
        }
        layerCaches = attached
        saturation.become((part ?? columns.last)?.saturation ?? [])
        begin(content)
    }

    /// Takes the pages of a column in place of its own equal ones, where they serve as well.
    func adopt(_ column: PageColumn, number: Int) {
        guard configuration.growth == .dynamic else { return }
        for index in layerCaches.indices { layerCaches[index].adopt(column.layers[index], number: number) }
    }

    /// Whether a page is on its way to the disk.
    func isWaiting(page number: Int) -> Bool {
        configuration.placement.isDisk && layerCaches.contains { $0.isWaiting(number) }
    }

    /// Whether no form is still to come of a page.
    func isDone(page number: Int) -> Bool {
        layerCaches.allSatisfy { layer in
            layer.kept.sealing == .never
                || number < layer.kept.sealedEnd(tokenCount: tokenCount, newTokenCount: 0)
        }
    }
}
