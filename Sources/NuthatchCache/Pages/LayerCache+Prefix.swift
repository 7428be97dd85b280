/// One layer's part of matched columns.
struct LayerPrefix {
    /// Forms of the pages from 0 on; the last page is shared in part where `tokenCount` is inside it.
    let pages: [PageColumn.Forms]
    let tokenCount: Int
    let pageLength: Int

    /// Whether tokens will be written to the page.
    func isPart(_ number: Int) -> Bool { (number + 1) * pageLength > tokenCount }
}

/// How a layer shares full pages with sequences that begin alike.
extension LayerCache {
    /// The forms of a full page that are there.
    ///
    /// - Parameter isLast: whether no token stands behind it: a memory's state is the one there.
    func forms(_ number: Int, isLast: Bool) -> PageColumn.Forms {
        let sealedPage = sealed[number] ?? sinks[number]
        return PageColumn.Forms(
            open: open[number] ?? (kept.sealing == .coding ? nil : sealedPage),
            coded: kept.sealing == .coding ? sealedPage : nil,
            memory: isLast ? memory?.shared : nil)
    }

    /// Whether a page waits for its writing to disk to end.
    func isWaiting(_ number: Int) -> Bool { (sealed[number] ?? sinks[number])?.memory != nil }

    /// Takes pages of a column in place of equal ones.
    mutating func adopt(_ forms: PageColumn.Forms, number: Int) {
        if let page = forms.open, page.memory != nil, open[number] != nil { open.replace(number, by: page) }
        guard let page = kept.sealing == .coding ? forms.coded : forms.open,
            let own = sealed[number] ?? sinks[number],
            // Never from disk to memory or back: what is there is where the cache wants it, or on its way.
            (own.memory == nil) == (page.memory == nil)
        else { return }
        if sealed[number] != nil { sealed.replace(number, by: page) } else { sinks.replace(number, by: page) }
    }

    // MARK: Attaching

    /// Adds the sizes of the pages that have to be had for it; under reserved growth there are none.
    func addCopies(of prefix: LayerPrefix, to byteCounts: inout [Int]) {
        guard reserve == nil else { return }
        let count = prefix.tokenCount
        for number in kept.sinks(tokenCount: count, newTokenCount: 0) {
            addCopy(source(number, prefix), isCopied: isReadBack, to: &byteCounts)
        }
        for number in kept.sealed(tokenCount: count, newTokenCount: 0) {
            addCopy(source(number, prefix), isCopied: isReadBack, to: &byteCounts)
        }
        for number in kept.open(tokenCount: count, newTokenCount: 0) {
            addCopy(
                prefix.pages[number].open, isCopied: { prefix.isPart(number) || $0.memory == nil },
                to: &byteCounts)
        }
    }

    private func addCopy(_ page: Page?, isCopied: (Page) -> Bool, to byteCounts: inout [Int]) {
        if let page, isCopied(page) { byteCounts.append(page.byteCount) }
    }

    /// Whether a sealed page was stored by a cache on disk, and this one is in memory.
    private func isReadBack(_ page: Page) -> Bool { page.memory == nil && !plan.isOnDisk }

    private func source(_ number: Int, _ prefix: LayerPrefix) -> Page? {
        kept.sealing == .coding ? prefix.pages[number].coded : prefix.pages[number].open
    }

    /// The empty layer as the continuation of a prefix.
    ///
    /// - Parameter copies: pages of the sizes of `addCopies`, in their order.
    func attached(
        to prefix: LayerPrefix, copies: inout ArraySlice<Page>
    ) throws(CacheError) -> LayerCache {
        var layer = self
        let count = prefix.tokenCount
        for number in kept.sinks(tokenCount: count, newTokenCount: 0) {
            guard let page = try layer.sealedPage(number, prefix, &copies) else { continue }
            layer.sinks.append(page, number: number)
        }
        for number in kept.sealed(tokenCount: count, newTokenCount: 0) {
            guard let page = try layer.sealedPage(number, prefix, &copies) else { continue }
            layer.sealed.append(page, number: number)
        }
        for number in kept.open(tokenCount: count, newTokenCount: 0) {
            guard let source = prefix.pages[number].open else { continue }
            var page = source
            if reserve != nil || prefix.isPart(number) || source.memory == nil {
                guard let copy = layer.reserve?.takeOpen() ?? copies.popFirst() else { continue }
                try copy.fill(from: source)
                page = copy
            }
            layer.open.append(page, number: number)
        }
        if let state = prefix.pages.last?.memory, layer.memory != nil {
            if reserve == nil {
                layer.memory?.begin(sharing: state)
            } else {
                layer.memory?.content.copyContent(of: state)
                layer.memory?.markWhole()
            }
        }
        return layer
    }

    private mutating func sealedPage(
        _ number: Int, _ prefix: LayerPrefix, _ copies: inout ArraySlice<Page>
    ) throws(CacheError) -> Page? {
        guard let source = source(number, prefix) else { return nil }
        guard reserve != nil else {
            guard isReadBack(source) else { return source }
            guard let copy = copies.popFirst() else { return nil }
            try copy.fill(from: source)
            return copy
        }
        if plan.isOnDisk {
            if source.fileRange != nil { return source }
            if let stored = source.storedPage { return stored }
            guard let memory = source.memory, let fileRange = takeFileRange(source.byteCount) else {
                return nil
            }
            try fileRange.file.write(UnsafeRawPointer(memory), to: fileRange)
            return Page(fileRange: fileRange)
        }
        guard let copy = reserve?.takeSealed(number) else { return nil }
        try copy.fill(from: source)
        return copy
    }
}

extension Page {
    fileprivate func fill(from source: Page) throws(CacheError) {
        guard let memory else { return }
        if let fileRange = source.fileRange {
            try fileRange.file.read(fileRange, into: memory)
        } else {
            copyContent(of: source)
        }
    }
}
