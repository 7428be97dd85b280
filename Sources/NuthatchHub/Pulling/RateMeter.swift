/// Bytes a second over a sliding window.
///
/// Invariants: samples are in order of time; the oldest is the last one from before the window, so the rate
/// spans at least the window once there is that much past. A sample costs amortised constant time.
package struct RateMeter: Sendable {
    /// Long enough to smooth bursts, short enough to follow a line that changes.
    package static let window = Duration.seconds(3)
    /// Samples nearer than this to the one before replace it, which bounds their count.
    private static let resolution = Duration.milliseconds(50)

    private var samples: [(time: ContinuousClock.Instant, byteCount: Int)] = []

    package init() {}

    package mutating func note(byteCount: Int, at time: ContinuousClock.Instant) {
        if samples.count > 1, time - samples[samples.count - 2].time < Self.resolution {
            samples.removeLast()
        }
        samples.append((time, byteCount))
        let start = time - Self.window
        if let first = samples.firstIndex(where: { $0.time > start }), first > 1 {
            samples.removeFirst(first - 1)
        }
    }

    /// nil until a quarter of a second has been seen.
    package var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let elapsed = last.time - first.time
        guard elapsed >= .milliseconds(250) else { return nil }
        return Double(max(0, last.byteCount - first.byteCount)) / (elapsed / .seconds(1))
    }
}
