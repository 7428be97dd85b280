/// Which pages a layer holds, as arithmetic: planner, pools and caches all ask here.
///
/// Page i holds positions i * pageLength ..< (i + 1) * pageLength, whatever was dropped before it.
struct KeptPages: Equatable, Sendable {
    let retention: Retention
    let pageLength: Int
    let guaranteedRewind: Int

    init(_ retention: Retention, configuration: CacheConfiguration) {
        self.retention = retention
        pageLength = configuration.pageLength
        guaranteedRewind = configuration.guaranteedRewind
    }

    /// The pages of a layer that has seen `tokenCount` tokens and has room for `newTokenCount` more: from the
    /// first that the next query sees (or one after a guaranteed rewind), to the last that the new tokens
    /// need.
    func pages(tokenCount: Int, newTokenCount: Int) -> Range<Int> {
        let end = pageCount(covering: tokenCount + newTokenCount)
        let first = max(0, retention.firstVisible(from: tokenCount) - guaranteedRewind) / pageLength
        return min(first, end)..<end
    }

    /// The most pages the layer ever holds while it grows to `capacity` tokens, at most `chunkLength` at a
    /// time.
    ///
    /// A window of W positions, the R of a guaranteed rewind and a chunk of C new ones need W - 1 + R + C
    /// adjacent positions. m adjacent positions touch at most (m - 2) / L + 2 pages of L, and never more than
    /// hold them all.
    func mostPages(capacity: Int, chunkLength: Int) -> Int {
        let all = pageCount(covering: capacity)
        guard case .window(let length) = retention else { return all }
        let positionCount = length - 1 + guaranteedRewind + min(chunkLength, capacity)
        return min(all, (positionCount + pageLength - 2) / pageLength + 1)
    }

    /// Whether `mostPages` depends on how many tokens come at once.
    func isBoundByChunk(capacity: Int, chunkLength: Int) -> Bool {
        mostPages(capacity: capacity, chunkLength: chunkLength) < pageCount(covering: capacity)
    }

    private func pageCount(covering tokenCount: Int) -> Int {
        (tokenCount + pageLength - 1) / pageLength
    }
}
