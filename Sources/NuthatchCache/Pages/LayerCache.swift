/// One layer's pages of one sequence.
///
///     position   0                ... dropped ...                                         tokenCount
///                | sinks ...      |              | sealed ...          | open ...              | room |
///
/// Invariants, between passes and where the pages were not lost to a rewind:
///  - the lists hold the pages that `KeptPages` says; what any query to come sees is there, in the form it reads;
///  - a sealed page never changes; an open page that this layer may write to is referenced here only;
///  - during a pass `sealing` are the pages whose sealed form is made in it: room for them is at the lists' ends.
struct LayerCache {
    let plan: LayerPlan
    /// Pages in open form, the last ones of the sequence.
    var open = PageList()
    /// Pages in sealed form, behind the sinks.
    var sealed = PageList()
    /// The first pages, where their tokens are kept whatever else is dropped.
    var sinks = PageList()
    /// Behind the sinks, every position from here on is there.
    private(set) var firstHeldPosition = 0
    /// Numbers of the pages that the pass under way seals.
    private(set) var sealing: [Int] = []
    /// What is left of segments that are gone (compressive retention only).
    var memory: CompressiveMemory?
    /// Pages set aside; nil where the layer grows on demand.
    var reserve: PageReserve?
    /// Room on disk for the pages to be stored next.
    var fileRanges: [FileRange] = []
    /// Pages read back from disk because a rewind ends in them, by number.
    var reopened: [Int: Page] = [:]

    /// - Parameter pages: those of `reservedByteCounts`, taken from the front.
    init(_ plan: LayerPlan, configuration: CacheConfiguration, from pages: inout ArraySlice<Page>) {
        self.plan = plan
        reserve = PageReserve(plan, configuration: configuration, from: &pages)
        memory = CompressiveMemory(plan, from: &pages)
        guard let most = reserve?.most else { return }
        open.reserveCapacity(most.open)
        sealed.reserveCapacity(most.sealed)
    }

    /// Sizes of the pages that a layer has from its beginning: under reserved growth all it will ever hold.
    static func reservedByteCounts(_ plan: LayerPlan, configuration: CacheConfiguration) -> [Int] {
        PageReserve.byteCounts(plan, configuration: configuration) + CompressiveMemory.byteCounts(plan)
    }

    var kept: KeptPages { plan.kept }
    private var pageLength: Int { kept.pageLength }

    var pageCount: Int { open.pages.count + sealed.pages.count + sinks.pages.count }
    var sparePageCount: Int { (reserve?.open.count ?? 0) + (reserve?.sealed.count ?? 0) }

    /// Bytes of pages in use and reserved; a shared page counts in every sequence that shares it.
    var byteCount: Int {
        open.byteCount + sealed.byteCount + sinks.byteCount + (reserve?.byteCount ?? 0)
            + (memory?.byteCount ?? 0)
    }

    // MARK: Growing

    /// Adds the sizes of the pages that must be had before `newTokenCount` tokens can be written behind `tokenCount`.
    mutating func addMissing(tokenCount: Int, newTokenCount: Int, to byteCounts: inout [Int]) {
        let openEnd = kept.open(tokenCount: tokenCount, newTokenCount: newTokenCount).upperBound
        let isCopied = mustCopyTail(tokenCount: tokenCount)
        let openCount = max(0, openEnd - firstAbsentOpen(tokenCount)) + (isCopied ? 1 : 0)
        for _ in 0..<openCount { byteCounts.append(plan.openLayout.byteCount) }
        let unsealed = unsealed(tokenCount: tokenCount, newTokenCount: newTokenCount)
        for number in unsealed.sinks { byteCounts.append(plan.sealedByteCount(of: number)) }
        for number in unsealed.others { byteCounts.append(plan.sealedByteCount(of: number)) }
        if let memory, memory.isMissingPage { byteCounts.append(CompressiveMemory.byteCount(plan.geometry)) }
    }

    /// Adds the missing pages, drawn from `supply` in the order asked for, or from the reserve.
    mutating func grow(tokenCount: Int, newTokenCount: Int, from supply: inout ArraySlice<Page>) {
        let openEnd = kept.open(tokenCount: tokenCount, newTokenCount: newTokenCount).upperBound
        if mustCopyTail(tokenCount: tokenCount), let copy = nextOpen(from: &supply) {
            let number = tokenCount / pageLength
            if let page = open[number] { copy.copyContent(of: page) }
            open.replace(number, by: copy)
        }
        for number in firstAbsentOpen(tokenCount)..<max(openEnd, firstAbsentOpen(tokenCount)) {
            guard let page = nextOpen(from: &supply) else { break }
            open.append(page, number: number)
        }
        let unsealed = unsealed(tokenCount: tokenCount, newTokenCount: newTokenCount)
        sealing.removeAll(keepingCapacity: true)
        sealing += unsealed.sinks
        sealing += unsealed.others
        for number in sealing {
            guard let page = supply.popFirst() ?? reserve?.takeSealed(number) else { break }
            if number < kept.sinkPageCount {
                sinks.append(page, number: number)
            } else {
                sealed.append(page, number: number)
            }
        }
        guard let isMissingPage = memory?.isMissingPage else { return }
        memory?.begin(isMissingPage ? supply.popFirst() : nil)
    }

    /// Pages that a pass completes and that later queries, some of the same pass maybe, read coded.
    private func unsealed(
        tokenCount: Int, newTokenCount: Int
    ) -> (sinks: Range<Int>, others: Range<Int>) {
        guard kept.sealing == .coding else { return (0..<0, 0..<0) }
        let start = kept.sealedEnd(tokenCount: tokenCount, newTokenCount: 0)
        let end = max(start, kept.sealedEnd(tokenCount: tokenCount, newTokenCount: newTokenCount))
        let sinkEnd = min(max(kept.sinkPageCount, start), end)
        // What is no sink and left the window before it was sealed is never read in that form.
        let first = min(max(kept.firstKept(tokenCount: tokenCount), sinkEnd), end)
        return (start..<sinkEnd, first..<end)
    }

    private func firstAbsentOpen(_ tokenCount: Int) -> Int {
        open.isEmpty ? tokenCount / pageLength : open.end
    }

    /// Whether the page that the next token goes to is shared: with a fork whose content must not change.
    private mutating func mustCopyTail(tokenCount: Int) -> Bool {
        tokenCount % pageLength != 0 && open.isShared(tokenCount / pageLength)
    }

    private mutating func nextOpen(from supply: inout ArraySlice<Page>) -> Page? {
        if let page = supply.popFirst() { return page }
        guard let page = reserve?.takeOpen() else { return nil }
        page.clear()
        return page
    }

    // MARK: Settling

    /// Makes the tokens of the pass under way part of the layer.
    mutating func commit(tokenCount: Int) {
        memory?.commit()
        settle(tokenCount: tokenCount)
    }

    /// Brings the lists to what `tokenCount` tokens need: lets go of what no later query sees, and of room that
    /// was not used.
    mutating func settle(tokenCount: Int) {
        sealing.removeAll(keepingCapacity: true)
        firstHeldPosition = max(firstHeldPosition, kept.firstKept(tokenCount: tokenCount) * pageLength)
        let openWanted = kept.open(tokenCount: tokenCount, newTokenCount: 0)
        let sealedWanted = kept.sealed(tokenCount: tokenCount, newTokenCount: 0)
        var sinksWanted = kept.sinks(tokenCount: tokenCount, newTokenCount: 0)
        guard !open.isWithin(openWanted) || !sealed.isWithin(sealedWanted) || !sinks.isWithin(sinksWanted)
        else { return }
        if trim(open: openWanted, sealed: sealedWanted, sinks: sinksWanted) { return }
        let before = self
        open = PageList(openWanted) { before.openForm($0) }
        reopened = [:]
        if kept.sealing == .moving { open.pages.forEach { $0.renew() } }
        sealed = PageList(sealedWanted) { before.sealedForm($0) }
        if kept.sealing != .coding {
            // Sinks that would be open stay although a rewind has lost pages between them and the others.
            let end = open.isEmpty ? openWanted.upperBound : open.first
            sinksWanted = 0..<max(sinksWanted.upperBound, min(kept.sinkPageCount, end))
        }
        sinks = PageList(sinksWanted) { before.sealedForm($0) }
        guard reserve != nil else { return }
        giveBack(before)
    }

    /// Lets go of pages where that is all there is to do, which needs no memory; false, and nothing done, elsewhere.
    private mutating func trim(open: Range<Int>, sealed: Range<Int>, sinks: Range<Int>) -> Bool {
        guard reopened.isEmpty, kept.sealing != .moving, self.open.contains(open),
            self.sealed.contains(sealed), self.sinks.numbers == sinks || self.sinks.isEmpty && sinks.isEmpty
        else { return false }
        self.open.trim(to: open) { reserve?.giveBack(open: $0) }
        self.sealed.trim(to: sealed) { reserve?.giveBack(sealed: $0) }
        return true
    }

    /// Puts reserved pages that no list holds any more back into the reserve.
    private mutating func giveBack(_ before: LayerCache) {
        let held = Set((open.pages + sealed.pages + sinks.pages).map(ObjectIdentifier.init))
        func isFree(_ page: Page) -> Bool { !held.contains(ObjectIdentifier(page)) }
        reserve?.giveBack(
            open: before.open.pages.filter(isFree),
            sealed: (before.sealed.pages + before.sinks.pages).filter(isFree))
    }

    /// The page as it can be written to, or read by near queries.
    func openForm(_ number: Int) -> Page? {
        if let page = reopened[number] ?? open[number] { return page }
        return kept.sealing == .coding ? nil : sealed[number] ?? sinks[number]
    }

    /// The page as it is kept for good.
    private func sealedForm(_ number: Int) -> Page? {
        if let page = sealed[number] ?? sinks[number] { return page }
        return kept.sealing == .coding ? nil : open[number]
    }

    // MARK: Rewinding

    /// Whether the layer, having seen `seenCount` tokens, still has every position that a query at `tokenCount`
    /// sees, in the form it reads.
    func canTruncate(to tokenCount: Int, from seenCount: Int) -> Bool {
        if let memory, !memory.canTruncate(to: tokenCount, tokenCount: seenCount) { return false }
        return holdsAllThatIsSeen(from: tokenCount)
    }

    /// Whether every position that the query at `tokenCount` sees is there, in the form it reads, and the page it
    /// will be written to where that has begun.
    func holdsAllThatIsSeen(from tokenCount: Int) -> Bool {
        let first = plan.retention.firstVisible(from: tokenCount)
        let last = (tokenCount - 1) / pageLength
        let sinkEnd = min(plan.retention.sinkCount, first)
        if sinkEnd > 0, !isThere(0...(sinkEnd - 1) / pageLength, from: tokenCount) { return false }
        guard first < tokenCount else { return true }
        return first >= firstHeldPosition && isThere(first / pageLength...last, from: tokenCount)
    }

    private func isThere(_ numbers: ClosedRange<Int>, from tokenCount: Int) -> Bool {
        numbers.allSatisfy { number in
            kept.isOpen(number, from: tokenCount / pageLength)
                ? openForm(number) != nil : sealedForm(number) != nil
        }
    }

    /// Forgets positions from `tokenCount` on; the caller asked `canTruncate`.
    mutating func truncate(to tokenCount: Int, from seenCount: Int) {
        memory?.truncate(to: tokenCount, tokenCount: seenCount)
        firstHeldPosition = min(firstHeldPosition, tokenCount)
        settle(tokenCount: tokenCount)
    }

    mutating func removeAll() {
        let before = self
        open = PageList()
        sealed = PageList()
        sinks = PageList()
        firstHeldPosition = 0
        memory?.removeAll()
        if reserve != nil { giveBack(before) }
    }

    // MARK: Forking

    /// A cache with the same content, shared.
    func forked() -> LayerCache {
        var fork = self
        fork.memory = memory?.forked()
        // A file range is written once: what is set aside for the origin's next pages is not for the fork's.
        fork.fileRanges = []
        return fork
    }

    /// A cache with the same content in pages of its own, taken from those of `reservedByteCounts`.
    func copied(into pages: inout ArraySlice<Page>) -> LayerCache {
        var copy = self
        copy.reserve = reserve?.renewed(from: &pages)
        copy.open = open.copied { _ in copy.reserve?.takeOpen() }
        copy.sealed = sealed.copied { copy.reserve?.takeSealed($0) }
        copy.sinks = sinks.copied { copy.reserve?.takeSealed($0) }
        copy.memory = memory?.copied(into: &pages)
        return copy
    }
}
