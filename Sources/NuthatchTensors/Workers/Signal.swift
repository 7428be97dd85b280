import CNuthatchKernels
import Synchronization

/// A counter alone on its cache lines: 128 bytes, for adjacent-line prefetchers pull lines in pairs.
struct PaddedCounter: ~Copyable {
    let value = Atomic<UInt32>(0)
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    private let morePadding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (0, 0, 0, 0, 0, 0, 0, 0)
}

/// A number, and threads that wait for it to change: first on their cores, then asleep.
///
/// Whoever waits asleep costs those it waits for nothing, and a scheduler gives a sleeper its core back soon when it
/// wakes. Giving the core away between looks instead (`sched_yield`) hands it to whatever else runs here, for a slice of
/// milliseconds, however little that is entitled to.
///
/// Lives at one address, for the system remembers it.
struct Signal: ~Copyable {
    private let number = PaddedCounter()
    private let sleeperCount = PaddedCounter()
    private let parking = Parking()

    /// A pause takes 40 (Zen) to 140 (Intel since Skylake) cycles, so this is some 50 to 300 microseconds: longer than
    /// the phases of a decode step differ, and longer than a core that slept takes to run who is woken there.
    private static let spinCount = 5_000

    /// The number now; what was written before it rose is visible behind this.
    var value: UInt32 { number.value.load(ordering: .acquiring) }

    /// Lets it rise by one, and wakes who sleeps. What this thread wrote before is visible to who sees it.
    func rise() {
        number.value.add(1, ordering: .sequentiallyConsistent)
        wakeSleepers()
    }

    /// Changes it to another number, where no other thread changes it, and wakes who sleeps.
    func change(to value: UInt32) {
        number.value.store(value, ordering: .sequentiallyConsistent)
        wakeSleepers()
    }

    /// Sequentially consistent with a sleeper's own order (count itself, then look at the number): either it sees the
    /// new number or we see that it sleeps.
    private func wakeSleepers() {
        if sleeperCount.value.load(ordering: .sequentiallyConsistent) > 0 { parking.wakeAll() }
    }

    /// Waits while it is `seen`; returns what it is then.
    @discardableResult
    func wait(while seen: UInt32) -> UInt32 {
        for _ in 0..<Self.spinCount {
            let value = value
            if value != seen { return value }
            nuthatch_pause()
        }
        sleeperCount.value.add(1, ordering: .sequentiallyConsistent)
        parking.sleep { number.value.load(ordering: .sequentiallyConsistent) == seen }
        sleeperCount.value.subtract(1, ordering: .sequentiallyConsistent)
        return value
    }
}
