import CNuthatchKernels
import Synchronization

/// A counter alone on its cache lines: 128 bytes, for adjacent-line prefetchers pull lines in pairs.
struct PaddedCounter: ~Copyable {
    let value = Atomic<UInt32>(0)
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    private let morePadding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (0, 0, 0, 0, 0, 0, 0, 0)
}

/// Where the workers of a run wait for each other: a central barrier that counts generations.
///
/// Invariants: `arrived` is below the count except inside the last arrival; `generation` rises by one per
/// meeting, so a worker that leaves late can't be confused with one that arrives early (the sense of a
/// sense-reversing barrier is the generation's low bit; J. Mellor-Crummey and M. Scott, TOCS 1991).
/// One atomic addition per worker and one store per meeting.
///
/// Two threads that never sleep can stay on one core while another is idle: the scheduler sees no reason to move
/// either, and each meeting then takes a hundred times as long. So whoever has waited long says on which core, and
/// who comes last leaves that core if it is its own.
struct Barrier: ~Copyable {
    private let arrived = PaddedCounter()
    private let generation = PaddedCounter()
    /// One more than the core of a worker that has waited long; 0 where none has.
    private let crowdedCore = PaddedCounter()
    /// Items taken since the last meeting; see `Worker.take`.
    private let taken = PaddedCounter()

    /// Waits until `count` workers are here; what each wrote before is visible to all after.
    func wait(count: UInt32) {
        if count == 1 {
            taken.value.store(0, ordering: .relaxed)
            return
        }
        let current = generation.value.load(ordering: .relaxed)
        if arrived.value.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.value.store(0, ordering: .relaxed)
            taken.value.store(0, ordering: .relaxed)
            if crowdedCore.value.load(ordering: .relaxed) != 0 { leaveCrowdedCore() }
            generation.value.store(current &+ 1, ordering: .releasing)
            return
        }
        var patience = Patience()
        while generation.value.load(ordering: .acquiring) == current {
            patience.pause()
            if patience.pauseCount == Patience.spinCount {
                crowdedCore.value.store(Self.currentCore, ordering: .relaxed)
            }
        }
    }

    /// Meetings so far, of more than one worker; wraps around.
    var count: UInt32 { generation.value.load(ordering: .relaxed) }

    /// The next item that nobody has taken since the last meeting.
    func take() -> Int {
        Int(taken.value.add(1, ordering: .relaxed).oldValue)
    }

    private func leaveCrowdedCore() {
        let core = crowdedCore.value.exchange(0, ordering: .relaxed)
        if core == Self.currentCore { nuthatch_leave_core() }
    }

    private static var currentCore: UInt32 { UInt32(truncatingIfNeeded: nuthatch_current_core() + 1) }
}

/// How a thread waits: first on its core, then giving the core away between looks.
struct Patience {
    /// A pause takes 40 (Zen) to 140 (Intel since Skylake) cycles, so this is some 30 to 100 microseconds: longer than
    /// the phases of a decode step differ, shorter than a scheduler's slice, for the one we wait for may need our core.
    static let spinCount = 2_000
    private(set) var pauseCount = 0

    var isExhausted: Bool { pauseCount >= Self.spinCount }

    mutating func pause() {
        pauseCount += 1
        if pauseCount < Self.spinCount {
            nuthatch_pause()
        } else {
            SystemThread.yield()
        }
    }
}
