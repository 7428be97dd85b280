import NuthatchTensors

/// A line that grows on a terminal while something long is measured: what share is done, and how long the rest takes.
/// Nothing elsewhere.
final class MeasurementLine: Sendable {
    private let terminal = Terminal.standardError
    private let isShown: Bool
    private let beginning = ContinuousClock.now

    init(isQuiet: Bool) { isShown = !isQuiet && terminal.isInteractive }

    /// - Parameters:
    ///   - share: of all, 0 to 1.
    ///   - text: what is under way.
    func show(_ share: Double, _ text: String) {
        guard isShown else { return }
        terminal.say("\r\u{1B}[K" + Self.text(share, after: ContinuousClock.now - beginning, text))
    }

    func finish() {
        if isShown { terminal.say("\r\u{1B}[K") }
    }

    /// "[#####     ]  50 %  1 min 05 s left  decoding".
    static func text(_ share: Double, after elapsed: Duration, _ text: String) -> String {
        let share = share.isFinite ? min(max(share, 0), 1) : 0
        let width = 24
        let filled = Int((share * Double(width)).rounded(.down))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        // Of the first hundredth nothing can be told of the rest.
        let left =
            share < 0.01
            ? ""
            : "  \(Quantities.duration(seconds: elapsed / .seconds(1) * (1 - share) / share)) left"
        return "[\(bar)] \(Quantities.decimal(share * 100, digits: 0)) %\(left)  \(text)"
    }
}
