import CPeaks

/// The least time of calls that take nanoseconds or seconds, in processor time of the thread that makes them:
/// others on the machine can only add to it.
struct Stopwatch {
    /// Seconds of one call, in the best sample so far.
    private(set) var leastSeconds = Double.infinity

    /// Long enough for the clock, short enough for a pause in what others do with caches and memory.
    private static let sampleSeconds = 0.002

    /// Takes samples for so long, one at least.
    mutating func measure(for seconds: Double, _ body: () -> Void) {
        var total = 0.0
        repeat {
            let callCount = max(1, Int(min(Self.sampleSeconds / leastSeconds, 1e6)))
            let sample = Self.seconds(of: callCount, body)
            leastSeconds = min(leastSeconds, sample / Double(callCount))
            total += sample
        } while total < seconds
    }

    private static func seconds(of callCount: Int, _ body: () -> Void) -> Double {
        let start = nuthatch_thread_seconds()
        for _ in 0..<callCount { body() }
        return nuthatch_thread_seconds() - start
    }
}
