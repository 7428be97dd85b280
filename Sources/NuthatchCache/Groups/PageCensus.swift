/// The bytes of the pages of several caches, each page once.
package struct PageCensus {
    /// Bytes in memory.
    package private(set) var byteCount = 0
    /// Bytes on disk, not counting what rounds slots up.
    package private(set) var storedByteCount = 0
    private var seen: Set<ObjectIdentifier> = []

    package init() {}

    mutating func add(_ page: Page) {
        guard seen.insert(ObjectIdentifier(page)).inserted else { return }
        if page.slot == nil {
            byteCount += page.byteCount
        } else {
            storedByteCount += page.byteCount
        }
    }
}
