import CNuthatchKernels

/// How many workers the next run has: as many as the system lets run at once.
///
/// Where other programs use the cores, or there are more workers than cores, workers stand in a core's queue while those
/// that run wait for them at every meeting: two workers beside one busy program are slower than one. The system counts
/// how long each thread stood in a queue; over a window of runs
///
///     cores got = sum over workers of (1 - time queued / time of the runs)
///
/// and that many workers are used then. From time to time a window with more of them finds out whether the cores have
/// become free: after twice as long each time that they have not.
///
/// A value without clocks: whoever has one says what was measured.
package struct WorkerAllotment {
    /// The most that are used.
    let workerCount: Int
    /// Workers of the next run.
    package private(set) var activeCount: Int
    /// Until when (nanoseconds) this many are used, once they are fewer than all.
    private var nextTrial: UInt64 = 0
    private var trialPause = Self.shortestPause
    /// The number used before the window that tries more, and when that began; nil outside of one.
    private var trial: (from: Int, start: UInt64)?

    /// Nanoseconds of runs that are judged together: some turns of a scheduler's, which gives a core for a few
    /// milliseconds at a time.
    static let windowLength: UInt64 = 20_000_000
    static let shortestPause: UInt64 = 100_000_000
    static let longestPause: UInt64 = 1_600_000_000
    /// How many times as long as a trial the pause behind it is at least: a step of workers that wait for one that has no
    /// core takes some turns of the scheduler's.
    static let pauseFactor: UInt64 = 20
    /// A thread that has less of its core than this moves to another, which may be free: some schedulers leave it among
    /// others for seconds.
    static let leastShare = 0.4
    /// What a quiet machine takes, and the program's own other threads, costs no worker: some 0.14 of two cores while
    /// tokens are printed.
    static let slack = 0.4

    package init(workerCount: Int) {
        self.workerCount = workerCount
        activeCount = workerCount
    }

    /// A window of runs is over.
    ///
    /// - Parameters:
    ///   - coresGot: see above.
    ///   - now: nanoseconds of a clock that goes on.
    package mutating func judge(coresGot: Double, now: UInt64) {
        let fitting = min(max(Int(coresGot + Self.slack), 1), workerCount)
        var pause = Self.shortestPause
        if let trial {
            self.trial = nil
            trialPause = fitting > trial.from ? Self.shortestPause : min(2 * trialPause, Self.longestPause)
            if fitting <= trial.from { pause = max(trialPause, Self.pauseFactor * (now - trial.start)) }
        } else if fitting < activeCount {
            trialPause = Self.shortestPause
        } else {
            guard activeCount < workerCount, now >= nextTrial else { return }
            trial = (activeCount, now)
            activeCount = min(2 * activeCount, workerCount)
            return
        }
        activeCount = fitting
        nextTrial = now + pause
    }
}

/// What a pool measures of its workers for an allotment. Only whoever has the pool's turn uses it.
struct AllotmentWindow {
    private(set) var allotment: WorkerAllotment
    /// Nanoseconds of the window's runs so far.
    private var runTime: UInt64 = 0
    /// Nanoseconds that each worker had stood in queues when the window began; worker 0's are those of the thread `callerBefore`.
    private var queuedBefore: [UInt64]
    private var callerBefore: UInt = 0
    /// Whether those are there.
    private var hasBegun = false
    /// Whether workers are to note what they have stood in queues: in runs that begin or end a window.
    private(set) var isNoting: Bool

    /// - Parameter isFixed: whether all are used whatever the system gives.
    init(workerCount: Int, isFixed: Bool) {
        allotment = WorkerAllotment(workerCount: workerCount)
        queuedBefore = Array(repeating: 0, count: workerCount)
        // A worker alone waits for nobody; and where the system doesn't tell, all are used.
        isNoting = !isFixed && workerCount > 1 && nuthatch_queued_time() >= 0
    }

    /// A run is over that took `time` nanoseconds, with what its workers noted, if they did. Returns whether the calling
    /// thread had too little of its core.
    mutating func end(time: UInt64, now: UInt64, queued: UnsafePointer<UInt64>, caller: UInt) -> Bool {
        guard isNoting || hasBegun else { return false }
        runTime += time
        guard isNoting else {
            isNoting = runTime >= WorkerAllotment.windowLength
            return false
        }
        var isStarved = false
        let activeCount = allotment.activeCount
        if hasBegun, runTime > 0 {
            var coresGot = 0.0
            for index in 0..<activeCount {
                // Another thread's queues say nothing about this one's.
                let isKnown = index > 0 || caller == callerBefore
                let delay = isKnown ? Double(queued[index] &- queuedBefore[index]) : 0
                let share = max(0, 1 - delay / Double(runTime))
                if index == 0 { isStarved = share < WorkerAllotment.leastShare }
                coresGot += share
            }
            allotment.judge(coresGot: coresGot, now: now)
        }
        for index in 0..<activeCount { queuedBefore[index] = queued[index] }
        callerBefore = caller
        runTime = 0
        // More workers have yet to say where they begin.
        hasBegun = allotment.activeCount <= activeCount
        isNoting = !hasBegun
        return isStarved
    }
}
