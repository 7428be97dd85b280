import CPeaks

/// Times calls that take nanoseconds or seconds, in processor time of the thread that makes them.
enum Stopwatch {
    /// Long enough for the clock, short enough for a pause in what others do with caches and memory.
    private static let sampleSeconds = 0.002
    private static let sampleCount = 3

    /// Seconds of one call in the best of many samples, which together take `totalSeconds` or some more: others
    /// on the machine can only slow one down.
    static func leastSeconds(within totalSeconds: Double = 0.06, of body: () -> Void) -> Double {
        let first = seconds(of: 1, body)
        let callCount = max(1, Int(sampleSeconds / max(first, 1e-7)))
        var (least, total, count) = (first, 0.0, 0)
        while count < sampleCount || total < totalSeconds {
            let sample = seconds(of: callCount, body)
            least = min(least, sample / Double(callCount))
            total += sample
            count += 1
        }
        return least
    }

    private static func seconds(of callCount: Int, _ body: () -> Void) -> Double {
        let start = nuthatch_thread_seconds()
        for _ in 0..<callCount { body() }
        return nuthatch_thread_seconds() - start
    }
}
