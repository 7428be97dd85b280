import Synchronization

/// The keys and values of `pageLength` consecutive positions of one layer, for all its kv heads.
///
/// Reference counted: sequences share a page after a fork, and the last to let go of it returns its memory to
/// the pool, or its file range to the file. A page that is shared is never written; whoever must write takes a copy
/// first (`LayerCache`). So the content of a full page, once committed, never changes.
final class Page {
    private enum Place {
        case memory(UnsafeMutableRawPointer, PagePool)
        case disk(FileRange)
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

    /// A page that was written to a file range.
    init(fileRange: FileRange) {
        place = .disk(fileRange)
        byteCount = fileRange.byteCount
    }

    deinit {
        if case .memory(let memory, let pool) = place { pool.takeBack(memory, byteCount: byteCount) }
    }

    /// Where it lies; nil on disk.
    var memory: UnsafeMutableRawPointer? {
        if case .memory(let memory, _) = place { memory } else { nil }
    }

    /// The page's file range on disk; nil in memory.
    var fileRange: FileRange? {
        if case .disk(let fileRange) = place { fileRange } else { nil }
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
        stored.withLock { $0?.fileRange?.writtenChecksum == nil ? nil : $0 }
    }

    /// What writes the page to `fileRange`; nil if somebody who shares it has asked for that already.
    func store(in fileRange: FileRange) -> PageWrite? {
        stored.withLock { stored in
            guard stored == nil, let memory else { return nil }
            stored = Page(fileRange: fileRange)
            return PageWrite(UnsafeRawPointer(memory), to: fileRange)
        }
    }

    var isStoring: Bool { stored.withLock { $0 != nil } }

    /// Forgets what is on disk: the page is about to change.
    func renew() {
        stored.withLock { $0 = nil }
    }

    /// Forgets a writing that failed.
    func forgetStoring() {
        stored.withLock { $0 = $0?.fileRange?.writtenChecksum == nil ? nil : $0 }
    }
}
