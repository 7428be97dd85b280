/// Which pages a layer holds and in which form, as arithmetic: planner, pools and caches all ask here.
///
/// Page i holds positions i * L ..< (i + 1) * L, whatever was dropped before it.
///
///     position  0                                                                            t         t + n
///               | sinks |  ... dropped ...  | sealed               | open (the residual, the tail)      | room |
///                                           firstKept              firstOpen
///
/// A page is sealed when it is full and `residualPageCount` pages behind: page i once (i + 1 + r) * L tokens are
/// there. A query in page P then reads page i in sealed form if i < P - r, whatever was in the same pass.
struct KeptPages: Hashable, Sendable {
    /// What becomes of a full page.
    enum Sealing: Sendable {
        /// A full page stays as it is.
        case never
        /// A full page stays as it is and moves to another place.
        case moving
        /// A full page is coded into another page.
        case coding
    }

    let retention: Retention
    let pageLength: Int
    let guaranteedRewind: Int
    let sealing: Sealing
    /// Full pages before the newest that queries still read in open form.
    let residualPageCount: Int

    init(_ retention: Retention, configuration: CacheConfiguration) {
        self.retention = retention
        pageLength = configuration.pageLength
        guaranteedRewind = configuration.guaranteedRewind
        sealing = configuration.isQuantized ? .coding : configuration.placement.isDisk ? .moving : .never
        residualPageCount =
            configuration.isQuantized ? (configuration.residualLength + pageLength - 1) / pageLength : 0
    }

    /// Pages that hold sinks.
    var sinkPageCount: Int { pageCount(covering: retention.sinkCount) }

    /// The first page behind the sinks that the query at `tokenCount` sees, or one after a guaranteed rewind.
    func firstKept(tokenCount: Int) -> Int {
        max(0, retention.firstVisible(from: tokenCount) - guaranteedRewind) / pageLength
    }

    /// The first page that the query at `tokenCount` reads in open form, or one after a guaranteed rewind.
    private func firstOpen(tokenCount: Int) -> Int {
        let kept = firstKept(tokenCount: tokenCount)
        guard sealing != .never else { return kept }
        let first = max(0, max(0, tokenCount - guaranteedRewind) / pageLength - residualPageCount)
        // Sinks wait among the residual pages until they are sealed, even where a short window has passed them.
        return sinkPageCount > 0 ? first : max(kept, first)
    }

    /// The end of the pages that are sealed when `tokenCount` tokens are there and `newTokenCount` are added.
    func sealedEnd(tokenCount: Int, newTokenCount: Int) -> Int {
        switch sealing {
        case .never: 0
        case .moving: firstOpen(tokenCount: tokenCount)
        case .coding: max(0, (tokenCount + newTokenCount) / pageLength - residualPageCount)
        }
    }

    /// Open pages of a layer that has seen `tokenCount` tokens and has room for `newTokenCount` more.
    func open(tokenCount: Int, newTokenCount: Int) -> Range<Int> {
        let end = pageCount(covering: tokenCount + newTokenCount)
        return min(firstOpen(tokenCount: tokenCount), end)..<end
    }

    /// Sealed pages behind the sinks.
    func sealed(tokenCount: Int, newTokenCount: Int) -> Range<Int> {
        let first = max(firstKept(tokenCount: tokenCount), sinkPageCount)
        return first..<max(first, sealedEnd(tokenCount: tokenCount, newTokenCount: newTokenCount))
    }

    /// Pages of sinks that are not among the open ones.
    func sinks(tokenCount: Int, newTokenCount: Int) -> Range<Int> {
        let end =
            sealing == .never
            ? firstOpen(tokenCount: tokenCount)
            : sealedEnd(tokenCount: tokenCount, newTokenCount: newTokenCount)
        return 0..<min(sinkPageCount, end)
    }

    /// Whether queries in page `queryPage` read page `page` in open form.
    func isOpen(_ page: Int, from queryPage: Int) -> Bool {
        page >= queryPage - residualPageCount
    }

    // MARK: Most

    /// The most open pages while the layer grows to `capacity` tokens, at most `chunkLength` at a time.
    ///
    /// A window of W positions, the R of a guaranteed rewind and a chunk of C new ones need W - 1 + R + C adjacent
    /// positions; m adjacent positions touch at most (m - 2) / L + 2 pages of L, and never more than hold them
    /// all. What is sealed leaves earlier: then R + C adjacent positions and the residual stay.
    func mostOpen(capacity: Int, chunkLength: Int) -> Int {
        let all = pageCount(covering: capacity)
        let chunk = min(chunkLength, capacity)
        var most = all
        if sealing != .never {
            most = min(most, pagesTouched(by: guaranteedRewind + chunk) + residualPageCount)
        }
        if let window = retention.windowLength, sealing == .never || sinkPageCount == 0 {
            most = min(most, pagesTouched(by: window - 1 + guaranteedRewind + chunk))
        }
        return most
    }

    /// The most sealed pages, sinks included.
    func mostSealed(capacity: Int, chunkLength: Int) -> Int {
        let end = sealing == .never ? 0 : max(0, capacity / pageLength - residualPageCount)
        guard let window = retention.windowLength else { return end }
        guard sealing != .never else { return min(sinkPageCount, pageCount(covering: capacity)) }
        let kept = pagesTouched(by: window - 1 + guaranteedRewind + min(chunkLength, capacity))
        return min(end, kept + sinkPageCount)
    }

    /// The most pages that one pass codes.
    func mostSealing(capacity: Int, chunkLength: Int) -> Int {
        sealing == .coding ? pagesTouched(by: min(chunkLength, capacity)) : 0
    }

    /// Whether those depend on how many tokens come at once.
    func isBoundByChunk(capacity: Int, chunkLength: Int) -> Bool {
        mostOpen(capacity: capacity, chunkLength: chunkLength) < pageCount(covering: capacity)
    }

    private func pagesTouched(by positionCount: Int) -> Int {
        (positionCount + pageLength - 2) / pageLength + 1
    }

    private func pageCount(covering tokenCount: Int) -> Int {
        (tokenCount + pageLength - 1) / pageLength
    }
}
