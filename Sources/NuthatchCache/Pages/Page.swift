import Synchronization

/// The keys and values of `pageLength` consecutive positions of one layer, for all its kv heads.
///
/// Reference counted: sequences share a page after a fork, and the last to let go of it returns its memory to
/// the pool, or its slot to the file. A page that is shared is never written; whoever must write takes a copy
/// first (`LayerCache`). So the content of a full page, once committed, never changes.
final class Page {
    private enum Place {
        case memory(UnsafeMutableRawPointer, PagePool)
        case disk(PageSlot)
    }

    let byteCount: Int
    private let place: Place
    /// This page's twin on disk, from when its writing was asked for.
    private let stored = Mutex<Page?>(nil)

    /// Takes over memory of the pool's.
    init(memory: UnsafeMutableRawPointer, byteCount: Int, pool: PagePool) {
        place = .memory(memory, pool)
        self.byteCount = byteCount
    }

    /// A page that was written to a slot.
    init(slot: PageSlot) {
        place = .disk(slot)
        byteCount = slot.byteCount
    }

    deinit {
        if case .memory(let memory, let pool) = place { pool.takeBack(memory, byteCount: byteCount) }
    }

    /// Where it lies; nil on disk.
    var memory: UnsafeMutableRawPointer? {
        if case .memory(let memory, _) = place { memory } else { nil }
    }

    /// The page's slot on disk; nil in memory.
    var slot: PageSlot? {
        if case .disk(let slot) = place { slot } else { nil }
    }

    func clear() {
        memory?.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }

    func copyContent(of other: Page) {
        guard let memory, let source = other.memory else { return }
        memory.copyMemory(from: source, byteCount: min(byteCount, other.byteCount))
    }

    // MARK: On disk

    /// This page on disk, if it was written there; nil while that is under way, or was never asked for.
    var storedPage: Page? {
        stored.withLock { $0?.slot?.writtenChecksum == nil ? nil : $0 }
    }

    /// What writes the page to `slot`; nil if somebody who shares it has asked for that already.
    func store(in slot: PageSlot) -> PageWrite? {
        stored.withLock { stored in
            guard stored == nil, let memory else { return nil }
            stored = Page(slot: slot)
            return PageWrite(UnsafeRawPointer(memory), to: slot)
        }
    }

    var isStoring: Bool { stored.withLock { $0 != nil } }

    /// Forgets what is on disk: the page is about to change.
    func renew() {
        stored.withLock { $0 = nil }
    }

    /// Forgets a writing that failed.
    func forgetStoring() {
        stored.withLock { $0 = $0?.slot?.writtenChecksum == nil ? nil : $0 }
    }
}
