/// The pages of all layers with one page number, in the forms that queries read: what a prefix index keeps of a full
/// page.
///
/// Pages are shared with the caches that hold them, and never change. A form is missing where a window dropped it, where
/// it was not kept, or where the cache has no such form.
package struct PageColumn {
    /// One layer's.
    struct Forms {
        /// As it was written; of a cache without codes the only one, wherever it lies.
        var open: Page?
        var coded: Page?
        /// The state of a compressive memory behind the page's last token.
        var memory: Page?

        subscript(form: PrefixNeeds.Form) -> Page? {
            get {
                switch form {
                case .open: open
                case .coded: coded
                case .memory: memory
                }
            }
            set {
                switch form {
                case .open: open = newValue
                case .coded: coded = newValue
                case .memory: memory = newValue
                }
            }
        }

        var pages: [Page] { [open, coded, memory].compactMap { $0 } }
    }

    var layers: [Forms]
    /// Kinds that are kept beyond the pass that goes by: a sequence ended near here, or left another.
    var pinned: PageKinds = []
    /// What the sequence that computed it had counted of each layer by then, of numbers beyond what its storage holds; empty for
    /// none.
    let saturation: [SaturationCount.Layer]

    init(layers: [Forms], saturation: [SaturationCount.Layer] = []) {
        self.layers = layers
        self.saturation = saturation
    }

    var pages: [Page] { layers.flatMap(\.pages) }

    /// Bytes of its pages in memory, and of those on disk.
    package var byteCount: Int {
        pages.reduce(0) { $0 + ($1.memory == nil ? 0 : $1.byteCount) }
    }
    package var storedByteCount: Int {
        pages.reduce(0) { $0 + ($1.fileRange == nil ? 0 : $1.byteCount) }
    }

    /// The kinds of which every layer has its page.
    func kinds(_ needs: PrefixNeeds, _ plan: CachePlan) -> PageKinds {
        var kinds: PageKinds = []
        for (index, kind) in needs.kinds.enumerated() {
            let isThere = zip(plan.layers, layers).allSatisfy { layer, forms in
                layer.retention != kind.retention || forms[kind.form] != nil
            }
            if isThere { kinds.insert(PageKinds(index: index)) }
        }
        return kinds
    }

    /// The column with those kinds alone.
    func limited(to kinds: PageKinds, _ needs: PrefixNeeds, _ plan: CachePlan) -> PageColumn {
        var column = self
        for (index, kind) in needs.kinds.enumerated() where !kinds.contains(PageKinds(index: index)) {
            for layer in layers.indices where plan.layers[layer].retention == kind.retention {
                column.layers[layer][kind.form] = nil
            }
        }
        return column
    }

    /// The column with what another one of the same page has besides, and on disk what is on disk by now.
    func union(_ other: PageColumn?) -> PageColumn {
        var column = self
        for layer in layers.indices {
            for form in [PrefixNeeds.Form.open, .coded, .memory] {
                let own = layers[layer][form]
                let others = other?.layers[layer][form]
                let onDisk = [own, others].compactMap { $0 }.first { $0.fileRange != nil }
                column.layers[layer][form] = onDisk ?? own?.storedPage ?? own ?? others
            }
        }
        return column
    }

    /// Whether both share every page.
    func isIdentical(to other: PageColumn) -> Bool {
        pinned == other.pinned
            && zip(layers, other.layers).allSatisfy {
                $0.open === $1.open && $0.coded === $1.coded && $0.memory === $1.memory
            }
    }
}
