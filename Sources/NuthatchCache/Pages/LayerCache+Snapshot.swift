/// A layer's pages as a saved cache lists them.
extension LayerCache {
    fileprivate enum RunName: String {
        case sinks, sealed, open, memory
    }

    /// Pages of one list, cut where their sizes differ.
    struct SnapshotPages {
        fileprivate(set) var lists: [SnapshotPageList] = []
        fileprivate(set) var pages: [Page] = []

        fileprivate mutating func append(_ page: Page, number: Int, of name: RunName) {
            pages.append(page)
            if let last = lists.last, last.pageByteCount == page.byteCount {
                lists[lists.count - 1].pageCount += 1
            } else {
                lists.append(
                    SnapshotPageList(
                        name: name.rawValue, firstPage: number, pageByteCount: page.byteCount, pageCount: 1))
            }
        }
    }

    /// All pages, list after list.
    mutating func snapshotRuns(pool: PagePool) throws(CacheError) -> [SnapshotPages] {
        var result: [SnapshotPages] = []
        for (name, list) in [(RunName.sinks, sinks), (.sealed, sealed), (.open, open)] {
            var pages = SnapshotPages()
            for (number, page) in zip(list.numbers, list.pages) {
                pages.append(page, number: number, of: name)
            }
            result.append(pages)
        }
        if let isMissingPage = memory?.isMissingPage {
            var spare: Page?
            if isMissingPage { spare = try pool.take([CompressiveMemory.byteCount(plan.geometry)]).first }
            var pages = SnapshotPages()
            if let page = memory?.settled(spare) { pages.append(page, number: 0, of: .memory) }
            result.append(pages)
        }
        return result
    }

    /// Where the pages of saved layers come from.
    struct SavedLayers: ~Copyable {
        let reader: SnapshotReader
        /// Where sealed pages go; nil for memory.
        let file: PageFile?
        let pool: PagePool
    }

    /// Takes the pages of a saved layer that this one keeps at `tokenCount` tokens.
    ///
    /// - Returns: whether everything that the next query sees is there.
    mutating func fill(
        _ layer: Int, of saved: borrowing SavedLayers, tokenCount: Int
    ) throws(CacheError) -> Bool {
        for (index, list) in saved.reader.content.layers[layer].enumerated() {
            guard let name = RunName(rawValue: list.name) else { return false }
            for page in 0..<list.pageCount {
                let number = list.firstPage + page
                guard list.pageByteCount == byteCount(of: number, in: name) else { return false }
                let place = SavedPage(layer: layer, list: index, page: page, byteCount: list.pageByteCount)
                if name == .memory {
                    try fillMemory(from: place, of: saved)
                } else {
                    try take(number, of: name, from: place, of: saved, tokenCount: tokenCount)
                }
            }
        }
        return holdsAllThatIsSeen(from: tokenCount)
    }

    private struct SavedPage {
        let layer: Int
        let list: Int
        let page: Int
        let byteCount: Int
    }

    private func byteCount(of number: Int, in name: RunName) -> Int? {
        switch name {
        case .open: plan.openLayout.byteCount
        case .sinks, .sealed:
            kept.sealing == .coding ? plan.sealedByteCount(of: number) : plan.openLayout.byteCount
        case .memory: memory == nil ? nil : CompressiveMemory.byteCount(plan.geometry)
        }
    }

    private mutating func fillMemory(
        from place: SavedPage, of saved: borrowing SavedLayers
    ) throws(CacheError) {
        guard let target = memory?.content.memory else { return }
        try saved.reader.readPage(layer: place.layer, list: place.list, page: place.page, into: target)
        memory?.markWhole()
    }

    /// Puts a page into the list where it belongs, if any: where both forms are one, that need not be the list that it
    /// was saved from.
    private mutating func take(
        _ number: Int, of name: RunName, from place: SavedPage, of saved: borrowing SavedLayers,
        tokenCount: Int
    ) throws(CacheError) {
        let isEither = kept.sealing != .coding
        let sinksWanted = kept.sinks(tokenCount: tokenCount, newTokenCount: 0)
        let sealedWanted = kept.sealed(tokenCount: tokenCount, newTokenCount: 0)
        let openWanted = kept.open(tokenCount: tokenCount, newTokenCount: 0)
        if isEither || name != .open, sinksWanted.contains(number), sinks[number] == nil {
            if let page = try sealedPage(number, place, saved) { sinks.append(page, number: number) }
        } else if isEither || name != .open, sealedWanted.contains(number), sealed[number] == nil {
            if let page = try sealedPage(number, place, saved) { sealed.append(page, number: number) }
        } else if isEither || name == .open, openWanted.contains(number), open[number] == nil {
            if let page = try page(reserve?.takeOpen(), place, saved) { open.append(page, number: number) }
        }
    }

    private mutating func sealedPage(
        _ number: Int, _ place: SavedPage, _ saved: borrowing SavedLayers
    ) throws(CacheError) -> Page? {
        guard let file = saved.file else { return try page(reserve?.takeSealed(number), place, saved) }
        guard let page = try page(nil, place, saved), let memory = page.memory else { return nil }
        var fileRange = takeFileRange(place.byteCount)
        if fileRange == nil { fileRange = try file.reserve([place.byteCount]).first }
        guard let fileRange else { return nil }
        try file.write(UnsafeRawPointer(memory), to: fileRange)
        return Page(fileRange: fileRange)
    }

    /// A page with saved content, in memory; `reserved` or, where that is nil, one of the pool's.
    private func page(
        _ reserved: Page?, _ place: SavedPage, _ saved: borrowing SavedLayers
    ) throws(CacheError) -> Page? {
        var page = reserved
        if page == nil { page = try saved.pool.take([place.byteCount]).first }
        guard let page, let memory = page.memory else { return nil }
        try saved.reader.readPage(layer: place.layer, list: place.list, page: place.page, into: memory)
        return page
    }
}
