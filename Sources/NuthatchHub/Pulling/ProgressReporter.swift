internal import Synchronization

/// Turns byte counts into progress events: at most ten a second, and one at the end.
final class ProgressReporter: Sendable {
    private struct State {
        var meter = RateMeter()
        var lastReport: ContinuousClock.Instant?
    }

    private static let interval = Duration.milliseconds(100)

    private let source: PullSource
    private let file: String
    private let totalByteCount: Int
    private let report: @Sendable (PullEvent) -> Void
    private let state = Mutex(State())

    init(
        source: PullSource, file: String, totalByteCount: Int, report: @escaping @Sendable (PullEvent) -> Void
    ) {
        self.source = source
        self.file = file
        self.totalByteCount = totalByteCount
        self.report = report
    }

    func note(byteCount: Int) {
        let now = ContinuousClock.now
        let rate = state.withLock { state -> Double?? in
            state.meter.note(byteCount: byteCount, at: now)
            if let last = state.lastReport, now - last < Self.interval, byteCount < totalByteCount {
                return .none
            }
            state.lastReport = now
            return .some(state.meter.bytesPerSecond)
        }
        guard let rate else { return }
        report(
            .progress(
                PullProgress(
                    source: source, file: file, byteCount: byteCount, totalByteCount: totalByteCount,
                    bytesPerSecond: rate)))
    }
}
