import NuthatchTensors
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    /// Each worker writes its own place, meets, and reads its neighbour's, round after round.
    struct RingProgram: WorkerProgram {
        let places: UnsafeMutablePointer<Int>
        let mistakes: UnsafeMutablePointer<Int>
        let roundCount: Int

        func run(on worker: Worker) {
            for round in 0..<roundCount {
                places[worker.index * 16] = round
                worker.barrier()
                let neighbour = (worker.index + 1) % worker.count
                if places[neighbour * 16] != round { mistakes[worker.index * 16] += 1 }
                worker.barrier()
            }
        }
    }

    struct MarkProgram: WorkerProgram {
        let marks: UnsafeMutablePointer<Int>
        let itemCount: Int
        let grain: Int

        func run(on worker: Worker) {
            for item in worker.share(of: itemCount, grain: grain) { marks[item] += 1 }
        }
    }

    private func withPlaces<R>(_ count: Int, _ body: (UnsafeMutablePointer<Int>) throws -> R) rethrows -> R {
        let places = UnsafeMutablePointer<Int>.allocate(capacity: max(count, 1))
        places.initialize(repeating: 0, count: max(count, 1))
        defer { places.deallocate() }
        return try body(places)
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func workersSeeAfterABarrierWhatOthersWroteBefore(workerCount: Int) {
        let pool = WorkerPool(workerCount: workerCount)
        withPlaces(workerCount * 16) { places in
            withPlaces(workerCount * 16) { mistakes in
                for _ in 0..<20 {
                    pool.run(RingProgram(places: places, mistakes: mistakes, roundCount: 25))
                }
                for index in 0..<workerCount { #expect(mistakes[index * 16] == 0) }
            }
        }
    }

    @Test(arguments: [1, 2, 4, 8])
    func thousandsOfShortRunsTouchEveryItemOnce(workerCount: Int) {
        let pool = WorkerPool(workerCount: workerCount)
        #expect(pool.workerCount == workerCount)
        for (itemCount, grain) in [(0, 1), (1, 1), (7, 1), (64, 16), (100, 16), (5, 8)] {
            withPlaces(itemCount) { marks in
                let runCount = 500
                for _ in 0..<runCount {
                    pool.run(MarkProgram(marks: marks, itemCount: itemCount, grain: grain))
                }
                for item in 0..<itemCount { #expect(marks[item] == runCount) }
            }
        }
    }

    @Test func runsAskedForByManyThreadsTakeTurns() async {
        let pool = WorkerPool(workerCount: 2)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    withPlaces(64) { marks in
                        for _ in 0..<200 { pool.run(MarkProgram(marks: marks, itemCount: 64, grain: 1)) }
                        return (0..<64).allSatisfy { marks[$0] == 200 }
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func sleepingWorkersWakeForTheNextRun() async throws {
        let pool = WorkerPool(workerCount: 3, pinsThreads: true)
        try await withPlacesAsync { marks in
            for run in 1...3 {
                try await Task.sleep(for: .milliseconds(20))
                pool.run(MarkProgram(marks: marks, itemCount: 9, grain: 1))
                for item in 0..<9 { #expect(marks[item] == run) }
            }
        }
    }

    @Test func bandwidthIsMeasuredWhateverTheShares() throws {
        for workerCount in [1, 3] {
            let found = try MemoryBandwidth.measure(
                on: WorkerPool(workerCount: workerCount), byteCount: 1000 * 64 + 8)
            #expect(found > 0 && found.isFinite)
        }
    }

    private func withPlacesAsync(_ body: (UnsafeMutablePointer<Int>) async throws -> Void) async rethrows {
        let places = UnsafeMutablePointer<Int>.allocate(capacity: 16)
        places.initialize(repeating: 0, count: 16)
        defer { places.deallocate() }
        try await body(places)
    }
}
