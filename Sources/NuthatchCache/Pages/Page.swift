/// The keys and values of `pageLength` consecutive positions of one layer, for all its kv heads.
///
/// Reference counted: sequences share a page after a fork, and the last to let go of it returns its memory to
/// the pool. A page that is shared is never written; whoever must write takes a copy first (`LayerCache`). So
/// the content of a full page, once committed, never changes.
final class Page {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
    private let pool: PagePool

    /// Takes over memory of the pool's.
    init(memory: UnsafeMutableRawPointer, byteCount: Int, pool: PagePool) {
        self.memory = memory
        self.byteCount = byteCount
        self.pool = pool
    }

    deinit {
        pool.takeBack(memory, byteCount: byteCount)
    }

    func clear() {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }

    func copyContent(of other: Page) {
        memory.copyMemory(from: other.memory, byteCount: min(byteCount, other.byteCount))
    }
}
