import Synchronization

/// Where the workers of a run wait for each other: a central barrier that counts generations.
///
/// Invariants: `arrived` is below the count except inside the last arrival; `generation` rises by one per
/// meeting, so a worker that leaves late can't be confused with one that arrives early (the sense of a
/// sense-reversing barrier is the generation's low bit; J. Mellor-Crummey and M. Scott, TOCS 1991).
/// Two atomic additions per meeting beside one per worker.
struct Barrier: ~Copyable {
    private let arrived = PaddedCounter()
    private let generation = Signal()
    /// Items taken since the last meeting; see `Worker.take`.
    private let taken = PaddedCounter()

    /// Waits until `count` workers are here; what each wrote before is visible to all after.
    func wait(count: UInt32) {
        if count == 1 {
            taken.value.store(0, ordering: .relaxed)
            return
        }
        let current = generation.value
        if arrived.value.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.value.store(0, ordering: .relaxed)
            taken.value.store(0, ordering: .relaxed)
            generation.rise()
        } else {
            generation.wait(while: current)
        }
    }

    /// Meetings so far, of more than one worker; wraps around.
    var count: UInt32 { generation.value }

    /// The next item that nobody has taken since the last meeting.
    func take() -> Int {
        Int(taken.value.add(1, ordering: .relaxed).oldValue)
    }
}
