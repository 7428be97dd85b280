import AllocationCounter
package import NuthatchTensors

/// Counts how often a pool's threads, the caller's own among them, ask for memory while something is done: thread by
/// thread, so that other tests in the same process don't count.
///
/// Not for several threads at once, and only where `isThere`.
package final class AllocationMeter {
    /// Requests for memory.
    package struct Requests {
        package let count: Int
        /// The callers of the first one on one of the threads, innermost first.
        package let callers: [String]
    }

    /// Whether allocations can be counted in this build.
    package static var isThere: Bool { allocation_counter_is_there() }

    private static let callerCapacity = 24

    private let pool: WorkerPool
    private let readings: UnsafeMutableBufferPointer<Reading>

    /// What a worker's thread has asked for so far.
    private struct Reading {
        var count: UInt64 = 0
        /// Callers of the first request, as their number in `callers`.
        var callerCount = 0
        let callers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    }

    package init(_ pool: WorkerPool) {
        self.pool = pool
        readings = .allocate(capacity: pool.workerCount)
        for index in readings.indices {
            readings.initializeElement(
                at: index, to: Reading(callers: .allocate(capacity: Self.callerCapacity)))
        }
    }

    deinit {
        for reading in readings { reading.callers.deallocate() }
        readings.deallocate()
    }

    /// What all of them together ask for in `body`.
    package func requests<Failure: Error>(in body: () throws(Failure) -> Void) throws(Failure) -> Requests {
        pool.run(Beginning(readings: readings))
        let before = total
        try body()
        pool.run(End(readings: readings))
        let callers = readings.first { $0.callerCount > 0 }.map { reading in
            (0..<reading.callerCount).map { Self.name(reading.callers[$0]) }
        }
        return Requests(count: Int(total - before), callers: callers ?? [])
    }

    /// What all of them together have asked for since they began.
    package func requestCount() -> Int {
        pool.run(Count(readings: readings))
        return Int(total)
    }

    private var total: UInt64 { readings.reduce(0) { $0 + $1.count } }

    /// The function a caller lies in, or its place in the program where that has no name: for addr2line.
    private static func name(_ caller: UnsafeMutableRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let base = text.baseAddress else { return "" }
            allocation_caller_name(caller, base, text.count)
            return String(cString: base)
        }
    }

    private struct Beginning: WorkerProgram {
        let readings: UnsafeMutableBufferPointer<Reading>

        func run(on worker: Worker) {
            allocation_trace_begin()
            readings[worker.index].count = allocation_count()
        }
    }

    private struct Count: WorkerProgram {
        let readings: UnsafeMutableBufferPointer<Reading>

        func run(on worker: Worker) { readings[worker.index].count = allocation_count() }
    }

    private struct End: WorkerProgram {
        let readings: UnsafeMutableBufferPointer<Reading>

        func run(on worker: Worker) {
            readings[worker.index].count = allocation_count()
            readings[worker.index].callerCount = Int(
                allocation_trace_end(readings[worker.index].callers, Int32(AllocationMeter.callerCapacity)))
        }
    }
}
