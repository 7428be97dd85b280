import NuthatchTensors
import Testing

/// How many workers a run has: as many as the system lets run at once.
@Suite struct WorkerAllotmentTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test("All are used where each has a core, but for what a quiet machine takes", arguments: [1, 2, 8, 64])
    func quiet(workerCount: Int) {
        var allotment = WorkerAllotment(workerCount: workerCount)
        for window in 1...50 {
            allotment.judge(coresGot: Double(workerCount) - 0.3, now: UInt64(window) * 20 * Self.millisecond)
            #expect(allotment.activeCount == workerCount)
        }
    }

    @Test(
        "As many are used as cores were got",
        arguments: [
            (2, 1.5, 1), (2, 1.0, 1), (2, 0.1, 1), (8, 7.5, 7), (8, 4.0, 4), (8, 0.0, 1), (3, 9.0, 3),
        ])
    func fewer(workerCount: Int, coresGot: Double, expected: Int) {
        var allotment = WorkerAllotment(workerCount: workerCount)
        allotment.judge(coresGot: coresGot, now: Self.millisecond)
        #expect(allotment.activeCount == expected)
    }

    @Test("More are tried ever more seldom while that does not help, and kept once it does")
    func trials() {
        var allotment = WorkerAllotment(workerCount: 2)
        var trials: [UInt64] = []
        var isFree = false
        for window in 1...2_000 {
            let now = UInt64(window) * 20 * Self.millisecond
            let before = allotment.activeCount
            allotment.judge(coresGot: before == 1 ? 0.9 : isFree ? 2 : 1.4, now: now)
            if before == 1, allotment.activeCount == 2 { trials.append(now) }
            if window == 1_000 { isFree = true }
        }
        #expect(allotment.activeCount == 2)
        let pauses = zip(trials, trials.dropFirst()).map { $1 - $0 }
        #expect(pauses == pauses.sorted())
        // Some twenty seconds in company, then one trial that succeeds.
        #expect((5...20).contains(trials.count))
    }

    @Test("A trial that takes long is not repeated soon")
    func longTrial() {
        var allotment = WorkerAllotment(workerCount: 2)
        allotment.judge(coresGot: 1, now: 0)
        allotment.judge(coresGot: 1, now: 200 * Self.millisecond)
        #expect(allotment.activeCount == 2)
        allotment.judge(coresGot: 1, now: 600 * Self.millisecond)
        #expect(allotment.activeCount == 1)
        allotment.judge(coresGot: 1, now: 5_000 * Self.millisecond)
        #expect(allotment.activeCount == 1)
        allotment.judge(coresGot: 1, now: 9_000 * Self.millisecond)
        #expect(allotment.activeCount == 2)
    }

    @Test("Of many they come back by doubling")
    func doubling() {
        var allotment = WorkerAllotment(workerCount: 8)
        allotment.judge(coresGot: 1, now: 0)
        var counts = [allotment.activeCount]
        for window in 1...40 {
            allotment.judge(
                coresGot: Double(allotment.activeCount), now: UInt64(window) * 20 * Self.millisecond)
            if allotment.activeCount != counts.last { counts.append(allotment.activeCount) }
        }
        #expect(counts == [1, 2, 4, 8])
    }

    @Test("Who takes part is told with the run's number, whatever that is")
    func starts() {
        var value: UInt32 = 0
        for workerCount in [1, 2, 256, 3] {
            let next = Start.next(after: value, workerCount: workerCount)
            #expect(next != value)
            #expect(Start.takesPart(workerCount - 1, in: next))
            #expect(!Start.takesPart(workerCount, in: next))
            value = next
        }
        // The number begins anew.
        #expect(Start.next(after: .max, workerCount: 5) == 5)
    }

    @Test("A pool that follows cores makes no more workers than there are, and does all of the work")
    func pool() {
        let pool = WorkerPool(workerCount: 256, followsCores: true)
        #expect(pool.workerCount <= 256)
        let marks = UnsafeMutablePointer<Int>.allocate(capacity: 100)
        marks.initialize(repeating: 0, count: 100)
        defer { marks.deallocate() }
        for _ in 0..<2_000 { pool.run(WorkerPoolTests.MarkProgram(marks: marks, itemCount: 100, grain: 1)) }
        for item in 0..<100 { #expect(marks[item] == 2_000) }
    }
}
