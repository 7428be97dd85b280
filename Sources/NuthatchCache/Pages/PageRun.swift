/// Consecutive pages of one layer, and where they lie.
///
/// Invariant: `addresses` has one entry per page, in the pages' order, for the kernels.
struct PageRun {
    /// The number of the first page; of no meaning while there is none.
    private(set) var first = 0
    private(set) var pages: [Page] = []
    private(set) var addresses: [UnsafeRawPointer] = []

    var end: Int { first + pages.count }
    var numbers: Range<Int> { first..<end }
    var isEmpty: Bool { pages.isEmpty }

    init() {}

    /// Of the pages wanted those that `find` finds; where some are missing, those behind the last missing one.
    init(_ numbers: Range<Int>, _ find: (Int) -> Page?) {
        for number in numbers {
            guard let page = find(number) else {
                self = PageRun()
                continue
            }
            append(page, number: number)
        }
    }

    /// Whether nothing would be dropped or added to hold exactly `wanted`, but pages that a rewind lost in front.
    func isWithin(_ wanted: Range<Int>) -> Bool {
        isEmpty ? wanted.isEmpty : first >= wanted.lowerBound && end == wanted.upperBound
    }

    /// The same content in other pages.
    func copied(_ next: (Int) -> Page?) -> PageRun {
        PageRun(numbers) { number in
            guard let page = next(number), let original = self[number] else { return nil }
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
        addresses.append(UnsafeRawPointer(page.memory))
    }

    mutating func replace(_ number: Int, by page: Page) {
        pages[number - first] = page
        addresses[number - first] = UnsafeRawPointer(page.memory)
    }

    /// Whether anybody else holds the page of that number too.
    mutating func isShared(_ number: Int) -> Bool {
        numbers.contains(number) && !isKnownUniquelyReferenced(&pages[number - first])
    }
}
