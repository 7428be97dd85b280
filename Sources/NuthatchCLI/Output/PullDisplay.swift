import NuthatchHub
import NuthatchTensors
import Synchronization

/// What a person sees of a pull: one line that grows on a terminal, a sentence for everything unusual.
final class PullDisplay: Sendable {
    private let terminal = Terminal.standardError
    private let label: String
    private let isQuiet: Bool
    private let state = Mutex(State())

    private struct State {
        var lastDrawn: ContinuousClock.Instant?
        var isDrawn = false
    }

    /// Redraws no faster than this: more would only flicker.
    private static let interval = Duration.milliseconds(100)

    /// - Parameter isQuiet: shows failures only.
    init(_ label: String, isQuiet: Bool) {
        self.label = label
        self.isQuiet = isQuiet
    }

    func show(_ event: PullEvent) {
        switch event {
        case .progress(let progress): draw(progress)
        case .alreadyPresent, .verifying: break
        case .trying(let source, _, let byteCount, let resumedFrom):
            let rest = resumedFrom > 0 ? ", \(Quantities.bytes(resumedFrom)) of them here already" : ""
            say("Asking \(source) for \(label) (\(Quantities.bytes(byteCount))\(rest)).")
        case .unpacking(_, let file): say("Unpacking \(file).")
        case .replacing(let path, let reason): say("\(path) is fetched anew: \(reason).")
        case .waitingForAnotherPull: say("Waiting for another pull of \(label).")
        case .startedOver(_, let file, let reason): say("\(file) starts from the beginning: \(reason).")
        case .retrying(let source, let pause, let reason):
            say(
                "\(source): \(reason); trying again in \(Quantities.decimal(pause / .seconds(1), digits: 1)) s."
            )
        case .sourceFailed(let failure, let next):
            say("\(failure.source): \(failure.reason)." + (next.map { " Trying \($0)." } ?? ""))
        case .finished(let path, _): say("\(label) is at \(path).")
        }
    }

    private func say(_ sentence: String) {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        guard !isQuiet else { return }
        terminal.say((wasDrawn ? "\n" : "") + TerminalText.visible(sentence) + "\n")
    }

    private func draw(_ progress: PullProgress) {
        guard terminal.isInteractive, !isQuiet else { return }
        let now = ContinuousClock.now
        let isComplete = progress.byteCount == progress.totalByteCount
        let isDue = state.withLock { state in
            if let last = state.lastDrawn, now - last < Self.interval, !isComplete { return false }
            state.lastDrawn = now
            state.isDrawn = true
            return true
        }
        guard isDue else { return }
        let line = ProgressLine.text(
            label, byteCount: progress.byteCount, of: progress.totalByteCount,
            bytesPerSecond: progress.bytesPerSecond, timeLeft: progress.timeLeft,
            columns: terminal.columnCount)
        terminal.say("\r\u{1B}[K" + TerminalText.visible(line))
    }
}

/// The line itself.
package enum ProgressLine {
    /// "smollm2 [#####.....] 49 %  48.2 MB of 98.4 MB  12.1 MB/s  4 s left", cut to the terminal.
    package static func text(
        _ label: String, byteCount: Int, of total: Int, bytesPerSecond: Double?, timeLeft: Duration?,
        columns: Int
    ) -> String {
        var figures = "\(Quantities.bytes(byteCount)) of \(Quantities.bytes(total))"
        if let bytesPerSecond { figures += "  \(Quantities.bytes(Int(bytesPerSecond)))/s" }
        if let timeLeft, byteCount < total {
            figures += "  \(Quantities.duration(seconds: timeLeft / .seconds(1))) left"
        }
        let share = total > 0 ? min(1, Double(byteCount) / Double(total)) : 1
        let percent = "\(Int(share * 100)) %"
        let width = min(30, columns - label.count - percent.count - figures.count - 9)
        guard width >= 5 else { return String("\(label) \(percent)  \(figures)".prefix(max(columns - 1, 0))) }
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "\(label) [\(bar)] \(percent)  \(figures)"
    }
}
