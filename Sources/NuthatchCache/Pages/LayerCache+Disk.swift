/// What a layer does to keep its sealed pages on disk.
extension LayerCache {
    /// Pages on disk, and their bytes, not counting what rounds their file ranges up.
    var storedPageCount: Int { (sinks.pages + sealed.pages).count { $0.fileRange != nil } }
    var storedByteCount: Int { sealed.storedByteCount + sinks.storedByteCount }

    // MARK: Writing

    /// Sizes of the file ranges to be had before `newTokenCount` tokens are added: for every page that is sealed by then
    /// and not on disk.
    func missingFileRanges(tokenCount: Int, newTokenCount: Int) -> [Int] {
        let start = kept.sealedEnd(tokenCount: tokenCount, newTokenCount: 0)
        let end = kept.sealedEnd(tokenCount: tokenCount + newTokenCount, newTokenCount: 0)
        var wanted = (sinks.pages + sealed.pages).filter { $0.memory != nil && !$0.isStoring }.map(
            \.byteCount)
        if start < end { wanted += (start..<end).map(plan.sealedByteCount) }
        guard !wanted.isEmpty else { return [] }
        var spares = fileRanges.map(\.byteCount)
        return wanted.filter { byteCount in
            guard let index = spares.firstIndex(of: byteCount) else { return true }
            spares.remove(at: index)
            return false
        }
    }

    /// What writes the sealed pages that are not on disk, and the pages, to be held until it is done. A page for
    /// which there is no file range stays in memory, and is asked for again by the next pass.
    mutating func writes() -> (writes: [PageWrite], pages: [Page]) {
        var writes: [PageWrite] = []
        var writing: [Page] = []
        for page in sinks.pages + sealed.pages where page.memory != nil && !page.isStoring {
            guard let fileRange = takeFileRange(page.byteCount) else { continue }
            guard let write = page.store(in: fileRange) else {
                fileRanges.append(fileRange)
                continue
            }
            writes.append(write)
            writing.append(page)
        }
        return (writes, writing)
    }

    /// A file range of that size, from the room that is set aside.
    mutating func takeFileRange(_ byteCount: Int) -> FileRange? {
        fileRanges.lastIndex { $0.byteCount == byteCount }.map { fileRanges.remove(at: $0) }
    }

    /// Lets go of the memory of pages that have been written.
    mutating func dropStored() {
        let dropped = sinks.dropStored() + sealed.dropStored()
        guard reserve != nil else { return }
        reserve?.giveBack(open: [], sealed: dropped)
    }

    // MARK: Reading

    /// Gives the pages on disk their frames for the next pass.
    mutating func place(in frames: [Page]) {
        var frames = frames[...]
        sinks.place(in: &frames)
        sealed.place(in: &frames)
    }

    /// What fills the frames.
    var reads: [PageRead] { sinks.reads + sealed.reads }

    /// The file ranges of all pages on disk.
    var storedFileRanges: [FileRange] { (sinks.pages + sealed.pages).compactMap(\.fileRange) }

    /// Reads those of the pages wanted that are on disk, one behind the other, and has their addresses point there.
    ///
    /// - Returns: bytes of the frames filled.
    mutating func readStored(
        _ numbers: Range<Int>, into memory: UnsafeMutableRawPointer, frameByteCount: Int
    ) throws(CacheError) -> Int {
        var next = memory
        try sinks.readStored(numbers, into: &next, frameByteCount: frameByteCount)
        try sealed.readStored(numbers, into: &next, frameByteCount: frameByteCount)
        return next - memory
    }

    /// Reads back those pages that `tokenCount` tokens need open.
    ///
    /// - Throws: `CacheError` where they can't be read, or memory for them can't be had; nothing is changed but
    ///   `reopened`, which `settle` clears.
    mutating func reopen(for tokenCount: Int, pool: PagePool) throws(CacheError) {
        guard kept.sealing == .moving else { return }
        for number in kept.open(tokenCount: tokenCount, newTokenCount: 0) {
            guard let fileRange = openForm(number)?.fileRange else { continue }
            var page = reserve?.takeOpen()
            if page == nil { page = try pool.take([fileRange.byteCount]).first }
            guard let page, let memory = page.memory else { continue }
            try fileRange.file.read(fileRange, into: memory)
            reopened[number] = page
        }
    }

    /// Gives back what `reopen` took.
    mutating func forgetReopened() {
        reserve?.giveBack(open: Array(reopened.values), sealed: [])
        reopened = [:]
    }
}
