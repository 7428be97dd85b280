/// Pages that a layer set aside up front and holds nothing in now (reserved growth only).
struct PageReserve {
    private(set) var open: [Page]
    /// Pages of the sealed form, where that is another one; else all pages are interchangeable, and open.
    private(set) var sealed: [Page]
    /// For page 0 in sealed form, where that one is larger.
    private(set) var first: Page?
    private let hasOneForm: Bool
    /// Bytes of the first page; nil where it is like the others.
    private let firstByteCount: Int?

    /// The most pages that the layer ever holds.
    let most: LayerPlan.PageCounts

    /// Takes a layer's reservation from the front of the pages obtained for all; nil where it grows on demand.
    init?(_ plan: LayerPlan, configuration: CacheConfiguration, from pages: inout ArraySlice<Page>) {
        guard case .reserved(let capacity) = configuration.growth else { return nil }
        most = plan.mostPages(capacity: capacity, chunkLength: configuration.chunkLength)
        hasOneForm = plan.kept.sealing != .coding
        firstByteCount = plan.exactSinks != nil && most.sealed > 0 ? plan.sealedByteCount(of: 0) : nil
        open = []
        sealed = []
        fill(from: &pages)
    }

    /// Another one of the same size.
    func renewed(from pages: inout ArraySlice<Page>) -> PageReserve {
        var reserve = self
        reserve.fill(from: &pages)
        return reserve
    }

    /// The sizes of those pages, in their order.
    static func byteCounts(_ plan: LayerPlan, configuration: CacheConfiguration) -> [Int] {
        guard case .reserved(let capacity) = configuration.growth else { return [] }
        let most = plan.mostPages(capacity: capacity, chunkLength: configuration.chunkLength)
        return Array(repeating: plan.openLayout.byteCount, count: most.open)
            + (0..<most.sealed).map(plan.sealedByteCount)
    }

    var byteCount: Int {
        (open + sealed).reduce(first?.byteCount ?? 0) { $0 + $1.byteCount }
    }

    /// All of them, in the order of `byteCounts`.
    var pages: [Page] { open + [first].compactMap { $0 } + sealed }

    private mutating func fill(from pages: inout ArraySlice<Page>) {
        let openCount = hasOneForm ? most.open + most.sealed : most.open
        open = Array(pages.prefix(openCount))
        pages = pages.dropFirst(openCount)
        first = firstByteCount == nil ? nil : pages.popFirst()
        sealed = hasOneForm ? [] : Array(pages.prefix(most.sealed - (firstByteCount == nil ? 0 : 1)))
        pages = pages.dropFirst(sealed.count)
    }

    mutating func takeOpen() -> Page? {
        open.popLast()
    }

    mutating func takeSealed(_ number: Int) -> Page? {
        guard number == 0, firstByteCount != nil else {
            return hasOneForm ? open.popLast() : sealed.popLast()
        }
        defer { first = nil }
        return first
    }

    /// Takes pages back; those on disk have no memory to give.
    mutating func giveBack(open openPages: [Page], sealed sealedPages: [Page]) {
        for page in openPages { giveBack(open: page) }
        for page in sealedPages { giveBack(sealed: page) }
    }

    mutating func giveBack(open page: Page) {
        guard page.memory != nil else { return }
        page.renew()
        open.append(page)
    }

    mutating func giveBack(sealed page: Page) {
        guard !hasOneForm else { return giveBack(open: page) }
        guard page.memory != nil else { return }
        page.renew()
        if page.byteCount == firstByteCount {
            first = page
        } else {
            sealed.append(page)
        }
    }
}

extension LayerCache {
    /// Every page of a layer that was reserved up front, in the order of `reservedByteCounts`; whatever the layer held
    /// is forgotten.
    mutating func surrendered() -> [Page] {
        removeAll()
        return (reserve?.pages ?? []) + (memory?.pages ?? [])
    }

    /// Counts all pages, used and reserved.
    func count(in census: inout PageCensus) {
        for page in open.pages + sealed.pages + sinks.pages { census.add(page) }
        for page in (reserve?.pages ?? []) + (memory?.pages ?? []) { census.add(page) }
    }
}
