/// One layer's pages of one sequence.
///
///     position   0 ... dropped ...  firstPage * L                              tokenCount
///                                   | pages[0] | pages[1] | ... | pages[n - 1]     | room |
///
/// Invariants:
///  - pages[i] holds positions (firstPage + i) * L and up, whatever was dropped in front;
///  - the positions from `firstHeldPosition` to the sequence's end are all there;
///  - between passes the pages are those of `KeptPages`, or fewer where a rewind left a window less;
///  - a page that this layer may write to is referenced here only.
struct LayerCache {
    let geometry: LayerGeometry
    let layout: PageLayout
    private let kept: KeptPages
    private let keepsSpares: Bool

    private(set) var firstPage = 0
    private var pages: [Page] = []
    /// The pages' memory, in their order, for the kernels.
    private(set) var addresses: [UnsafeRawPointer] = []
    /// Reserved pages that hold nothing now (reserved growth only).
    private var spares: [Page]
    private(set) var firstHeldPosition = 0

    /// - Parameter spares: all the pages the layer will ever have; nil where it grows on demand.
    init(_ plan: LayerPlan, reserved spares: [Page]?) {
        geometry = plan.geometry
        layout = plan.layout
        kept = plan.kept
        keepsSpares = spares != nil
        self.spares = spares ?? []
    }

    var pageCount: Int { pages.count }

    /// Of pages in use and reserved; a shared page counts in every sequence that shares it.
    var byteCount: Int { (pages.count + spares.count) * layout.byteCount }

    private var pageLength: Int { layout.pageLength }

    // MARK: Growing

    /// Pages that must be had before `newTokenCount` tokens can be written behind `tokenCount`.
    mutating func missingPageCount(tokenCount: Int, newTokenCount: Int) -> Int {
        let end = kept.pages(tokenCount: tokenCount, newTokenCount: newTokenCount).upperBound
        let missing = max(0, end - firstPage - pages.count)
        return missing + (mustCopyTail(tokenCount: tokenCount) ? 1 : 0)
    }

    /// Adds the missing pages, drawn from `supply` or the spares.
    mutating func grow(tokenCount: Int, newTokenCount: Int, from supply: inout ArraySlice<Page>) {
        if mustCopyTail(tokenCount: tokenCount), let copy = next(from: &supply) {
            let index = tokenCount / pageLength - firstPage
            copy.copyContent(of: pages[index])
            pages[index] = copy
            addresses[index] = UnsafeRawPointer(copy.memory)
        }
        let end = kept.pages(tokenCount: tokenCount, newTokenCount: newTokenCount).upperBound
        while firstPage + pages.count < end, let page = next(from: &supply) { append(page) }
    }

    /// Lets go of what no later query sees, and of room that was not used.
    mutating func settle(tokenCount: Int) {
        let wanted = kept.pages(tokenCount: tokenCount, newTokenCount: 0)
        while firstPage < wanted.lowerBound, !pages.isEmpty {
            drop(at: 0)
            firstPage += 1
            firstHeldPosition = firstPage * pageLength
        }
        while firstPage + pages.count > max(wanted.upperBound, firstPage) { drop(at: pages.count - 1) }
    }

    /// Whether the page that the next token goes to is shared: with a fork whose content must not change.
    private mutating func mustCopyTail(tokenCount: Int) -> Bool {
        let index = tokenCount / pageLength - firstPage
        guard tokenCount % pageLength != 0, pages.indices.contains(index) else { return false }
        return !isKnownUniquelyReferenced(&pages[index])
    }

    private mutating func next(from supply: inout ArraySlice<Page>) -> Page? {
        if let page = supply.popFirst() { return page }
        guard let page = spares.popLast() else { return nil }
        page.clear()
        return page
    }

    private mutating func append(_ page: Page) {
        pages.append(page)
        addresses.append(UnsafeRawPointer(page.memory))
    }

    private mutating func drop(at index: Int) {
        let page = pages.remove(at: index)
        addresses.remove(at: index)
        if keepsSpares { spares.append(page) }
    }

    // MARK: Rewinding

    /// Whether the layer still has every position that a query at `tokenCount` sees.
    func canTruncate(to tokenCount: Int) -> Bool {
        let needed = geometry.retention.firstVisible(from: tokenCount)
        return needed >= firstHeldPosition || needed >= tokenCount
    }

    /// Forgets positions from `tokenCount` on; the caller asked `canTruncate`.
    mutating func truncate(to tokenCount: Int) {
        let page = tokenCount / pageLength
        if page < firstPage {
            // Only a window of 1 comes here: nothing before `tokenCount` is ever seen again.
            while !pages.isEmpty { drop(at: pages.count - 1) }
            firstPage = page
        }
        firstHeldPosition = min(firstHeldPosition, tokenCount)
        settle(tokenCount: tokenCount)
    }

    mutating func removeAll() {
        while !pages.isEmpty { drop(at: pages.count - 1) }
        firstPage = 0
        firstHeldPosition = 0
    }

    // MARK: Forking

    /// The same content in pages of its own, all of them reserved.
    func copied(into reserved: [Page]) -> LayerCache {
        var copy = self
        copy.pages = []
        copy.addresses = []
        copy.spares = reserved
        for page in pages {
            guard let twin = copy.spares.popLast() else { break }
            twin.copyContent(of: page)
            copy.append(twin)
        }
        return copy
    }
}
