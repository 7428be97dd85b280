/// Finds stop strings in a growing text and holds back what may yet become one.
///
/// The text has parts that its reader does not see: the spelling of special tokens. A stop string is found with them
/// ("<|im_end|>", "bye<|im_end|>") and without ("end" of two tokens that have a special one between them), so that
/// neither the tokens it names pass unnoticed nor does it ever reach the reader. Text that could be the beginning of a
/// stop string is not released until more text decides. Cost per call: length of the text times the number of stop
/// strings.
package struct StopMatcher: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []
    /// Whether the reader sees it, for each byte held.
    private var isShown: [Bool] = []
    private var hasStopped = false

    package init(_ stopStrings: [String]) {
        stops = stopStrings.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

    /// Whether some of the text so far may yet become a stop string.
    package var holdsBack: Bool { !held.isEmpty }

    /// What a call released, and whether a stop string was reached.
    package struct Outcome: Equatable, Sendable {
        package var text: String
        package var stopped: Bool

        package init(text: String, stopped: Bool) {
            self.text = text
            self.stopped = stopped
        }
    }

    /// Takes more text; returns what may be shown.
    ///
    /// - Parameter shown: false for the spelling of a special token.
    package mutating func append(_ text: String, isShown shown: Bool = true) -> Outcome {
        held.append(contentsOf: text.utf8)
        isShown.append(contentsOf: repeatElement(shown, count: held.count - isShown.count))
        guard !stops.isEmpty else { return Outcome(text: release(held.count), stopped: false) }
        if let start = firstStart(of: .whole) {
            defer {
                held.removeAll()
                isShown.removeAll()
                hasStopped = true
            }
            return Outcome(text: release(start), stopped: true)
        }
        return Outcome(text: release(firstStart(of: .begun) ?? held.count), stopped: false)
    }

    /// The last of the text, and what was held back, once no more comes; nothing where a stop string was reached.
    package mutating func finish(_ last: String = "") -> String {
        guard !hasStopped else { return "" }
        let outcome = append(last)
        return outcome.stopped ? outcome.text : outcome.text + release(held.count)
    }

    private enum Progress {
        case begun
        case whole
    }

    private func firstStart(of wanted: Progress) -> Int? {
        held.indices.first { start in
            stops.contains {
                progress(of: $0, from: start, seesAll: true) == wanted
                    || isShown[start] && progress(of: $0, from: start, seesAll: false) == wanted
            }
        }
    }

    /// How far what is held from `start` on goes along a stop string; nil where it is something else.
    ///
    /// - Parameter seesAll: whether text that the reader does not see counts.
    private func progress(of stop: [UInt8], from start: Int, seesAll: Bool) -> Progress? {
        var matchedCount = 0
        for index in start..<held.count where seesAll || isShown[index] {
            guard held[index] == stop[matchedCount] else { return nil }
            matchedCount += 1
            if matchedCount == stop.count { return .whole }
        }
        return .begun
    }

    /// Takes the first bytes out; returns those of them that are shown.
    private mutating func release(_ count: Int) -> String {
        let shown = zip(held, isShown).prefix(count).filter(\.1).map(\.0)
        held.removeSubrange(..<count)
        isShown.removeSubrange(..<count)
        return String(decoding: shown, as: UTF8.self)
    }
}
