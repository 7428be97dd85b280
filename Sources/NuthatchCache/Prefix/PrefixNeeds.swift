/// Kinds of pages in a column (the pages of all layers with one number), by their place in `PrefixNeeds.kinds`.
package struct PageKinds: OptionSet, Hashable, Sendable {
    package static let maximumCount = UInt64.bitWidth

    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// One kind alone.
    package init(index: Int) { rawValue = 1 << UInt64(index) }
}

/// Which pages a query behind a prefix reads, so which a prefix must have for a sequence to go on from its end.
///
/// Layers of one retention need the same pages, so a column has a few kinds of pages, whatever the number of layers:
/// one for each retention, two where pages are coded. A column may lack a kind: of layers with a window the pages
/// behind it are dropped. Then a prefix can end where, kind by kind, all pages are there that `KeptPages` would
/// keep; that is what keeps the promise of a guaranteed rewind too.
package struct PrefixNeeds: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        /// As it was written; the only form where nothing is coded, wherever the page lies.
        case open
        case coded
        /// The state of a compressive memory behind the page's last token.
        case memory
    }

    package struct Kind: Hashable, Sendable {
        package let retention: Retention
        package let form: Form
        let kept: KeptPages

        /// Pages 0..<sinkEnd and those of `others`: what the query at `tokenCount` reads; nil where none can stand
        /// there.
        func needed(tokenCount: Int) -> (sinkEnd: Int, others: Range<Int>)? {
            let open = kept.open(tokenCount: tokenCount, newTokenCount: 0)
            switch form {
            case .memory:
                let (end, rest) = tokenCount.quotientAndRemainder(dividingBy: kept.pageLength)
                return rest == 0 ? (0, max(0, end - 1)..<end) : nil
            case .open where kept.sealing == .coding: return (0, open)
            case .open:
                let sealed = kept.sealed(tokenCount: tokenCount, newTokenCount: 0)
                let first = sealed.isEmpty ? open.lowerBound : min(sealed.lowerBound, open.lowerBound)
                return (
                    kept.sinks(tokenCount: tokenCount, newTokenCount: 0).upperBound, first..<open.upperBound
                )
            case .coded:
                return (
                    kept.sinks(tokenCount: tokenCount, newTokenCount: 0).upperBound,
                    kept.sealed(tokenCount: tokenCount, newTokenCount: 0)
                )
            }
        }
    }

    package let pageLength: Int
    package let kinds: [Kind]

    /// Nil for more kinds than `PageKinds` can tell apart: such a cache shares nothing.
    package init?(_ plan: CachePlan) {
        self.init(plan.configuration, retentions: plan.layers.map(\.retention))
    }

    /// - Parameter retentions: those of the layers; which are alike counts once.
    package init?(_ configuration: CacheConfiguration, retentions: [Retention]) {
        var kinds: [Kind] = []
        var known: Set<Retention> = []
        for retention in retentions where known.insert(retention).inserted {
            let kept = KeptPages(retention, configuration: configuration)
            var forms = kept.sealing == .coding ? [Form.open, .coded] : [.open]
            if case .compressive = retention { forms.append(.memory) }
            kinds += forms.map { Kind(retention: retention, form: $0, kept: kept) }
        }
        guard kinds.count <= PageKinds.maximumCount else { return nil }
        pageLength = configuration.pageLength
        self.kinds = kinds
    }

    /// All kinds that a column can have.
    package var all: PageKinds {
        PageKinds(rawValue: kinds.count == PageKinds.maximumCount ? .max : 1 << UInt64(kinds.count) - 1)
    }

    /// The kind of a layer's pages; empty where the cache has none like that.
    package func kind(_ retention: Retention, _ form: Form) -> PageKinds {
        kinds.firstIndex { $0.retention == retention && $0.form == form }.map { PageKinds(index: $0) } ?? []
    }

    /// Whether a sequence can go on inside a page, behind the first `tokenCount - number * pageLength` tokens of a
    /// column that has `kept`, where it can go on from the page's beginning.
    ///
    /// Nothing else has to be asked: what a query reads of the pages before never grows from one position to the next.
    func canEnd(inPage number: Int, tokenCount: Int, having kept: PageKinds) -> Bool {
        kinds.indices.allSatisfy { index in
            guard let needed = kinds[index].needed(tokenCount: tokenCount) else { return false }
            let isNeeded = needed.others.contains(number) || number < needed.sinkEnd
            return !isNeeded || kept.contains(PageKinds(index: index))
        }
    }
}
