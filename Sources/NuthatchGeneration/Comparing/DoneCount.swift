import Synchronization

/// How much of something long is done, counted by whoever does it.
final class DoneCount: Sendable {
    private let count = Mutex(0)

    /// The count with so many more.
    func add(_ more: Int) -> Int {
        count.withLock { count in
            count += more
            return count
        }
    }
}
