/// Times calls that take nanoseconds or seconds.
enum Stopwatch {
    /// Long enough for the clock, short enough to pass undisturbed where others use the machine.
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
        let clock = ContinuousClock()
        return clock.measure { for _ in 0..<callCount { body() } } / .seconds(1)
    }
}
