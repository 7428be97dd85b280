/// Consecutive pages of one layer, and where they lie.
///
/// Invariant: `addresses` has one entry per page, in the pages' order, for the kernels. Of a page on disk it means
/// something only during a pass, from `place` on.
struct PageList {
    /// The number of the first page; of no meaning while there is none.
    private(set) var first = 0
    private(set) var pages: [Page] = []
    private(set) var addresses: [UnsafeRawPointer] = []

    var end: Int { first + pages.count }
    var numbers: Range<Int> { first..<end }
    var isEmpty: Bool { pages.isEmpty }

    /// Bytes of the pages in memory, and of those on disk.
    var byteCount: Int { pages.reduce(0) { $0 + ($1.memory == nil ? 0 : $1.byteCount) } }
    var storedByteCount: Int { pages.reduce(0) { $0 + ($1.fileRange == nil ? 0 : $1.byteCount) } }

    init() {}

    /// Takes the pages that `find` finds among those wanted; where some are missing, those behind the last missing one.
    init(_ numbers: Range<Int>, _ find: (Int) -> Page?) {
        for number in numbers {
            guard let page = find(number) else {
                self = PageList()
                continue
            }
            append(page, number: number)
        }
    }

    /// Whether nothing would be dropped or added to hold exactly `wanted`, but pages that a rewind lost in front.
    func isWithin(_ wanted: Range<Int>) -> Bool {
        isEmpty ? wanted.isEmpty : first >= wanted.lowerBound && end == wanted.upperBound
    }

    /// Makes room for so many pages, so that adding them asks for no memory.
    mutating func reserveCapacity(_ pageCount: Int) {
        pages.reserveCapacity(pageCount)
        addresses.reserveCapacity(pageCount)
    }

    /// Whether all those pages are among these.
    func contains(_ wanted: Range<Int>) -> Bool {
        wanted.isEmpty || first <= wanted.lowerBound && wanted.upperBound <= end
    }

    /// Lets go of all pages but those wanted, which are among these; `release` gets them.
    mutating func trim(to wanted: Range<Int>, _ release: (Page) -> Void) {
        let kept = wanted.isEmpty ? end..<end : wanted
        for number in first..<kept.lowerBound { release(pages[number - first]) }
        for number in kept.upperBound..<end { release(pages[number - first]) }
        let (behind, before) = (end - kept.upperBound, kept.lowerBound - first)
        pages.removeLast(behind)
        addresses.removeLast(behind)
        pages.removeFirst(before)
        addresses.removeFirst(before)
        first += before
    }

    /// A list with the same content in other pages; what is on disk is shared.
    func copied(_ next: (Int) -> Page?) -> PageList {
        PageList(numbers) { number in
            guard let original = self[number] else { return nil }
            if original.fileRange != nil { return original }
            guard let page = next(number) else { return nil }
            page.copyContent(of: original)
            return page
        }
    }

    /// The page of that number, if it is among them.
    subscript(number: Int) -> Page? {
        numbers.contains(number) ? pages[number - first] : nil
    }

    /// Adds the page that follows; `number` is its own.
    mutating func append(_ page: Page, number: Int) {
        if pages.isEmpty { first = number }
        pages.append(page)
        addresses.append(Self.address(page))
    }

    private static func address(_ page: Page) -> UnsafeRawPointer {
        UnsafeRawPointer(page.memory ?? UnsafeMutableRawPointer(mutating: Self.nowhere))
    }

    /// Never read: what stands for the address of a page on disk.
    private static var nowhere: UnsafeRawPointer { UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped }

    /// Where the page of that number lies.
    func address(of number: Int) -> UnsafeRawPointer? {
        numbers.contains(number) ? addresses[number - first] : nil
    }

    /// Gives the pages on disk frames to be read into, from the front.
    mutating func place(in frames: inout ArraySlice<Page>) {
        for index in pages.indices where pages[index].fileRange != nil {
            guard let memory = frames.popFirst()?.memory else { return }
            addresses[index] = UnsafeRawPointer(memory)
        }
    }

    mutating func readStored(
        _ wanted: Range<Int>, into next: inout UnsafeMutableRawPointer, frameByteCount: Int
    ) throws(CacheError) {
        var fileRanges: [FileRange] = []
        let start = next
        for number in wanted.clamped(to: numbers) {
            guard let fileRange = pages[number - first].fileRange else { continue }
            fileRanges.append(fileRange)
            addresses[number - first] = UnsafeRawPointer(next)
            next += frameByteCount
        }
        try PageFile.read(fileRanges, into: start, frameByteCount: frameByteCount)
    }

    /// What fills those frames.
    var reads: [PageRead] {
        pages.indices.compactMap { index in
            pages[index].fileRange.map {
                PageRead($0, into: UnsafeMutableRawPointer(mutating: addresses[index]))
            }
        }
    }

    mutating func replace(_ number: Int, by page: Page) {
        pages[number - first] = page
        addresses[number - first] = Self.address(page)
    }

    /// Lets go of the memory of pages that are on disk by now; returns them.
    mutating func dropStored() -> [Page] {
        var dropped: [Page] = []
        for index in pages.indices {
            guard pages[index].memory != nil, let stored = pages[index].storedPage else { continue }
            dropped.append(pages[index])
            pages[index] = stored
        }
        return dropped
    }

    /// Whether anybody else holds the page of that number too.
    mutating func isShared(_ number: Int) -> Bool {
        numbers.contains(number) && !isKnownUniquelyReferenced(&pages[number - first])
    }
}
