/// Finds stop strings in a growing text and holds back what may yet become one.
///
/// Text that could be the beginning of a stop string is not released until more text decides; so no part of
/// a stop string ever reaches the reader. Cost per call: length of the text times the number of stop strings.
package struct StopMatcher: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    package init(_ stopStrings: [String]) {
        stops = stopStrings.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

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
    package mutating func append(_ text: String) -> Outcome {
        held.append(contentsOf: text.utf8)
        guard !stops.isEmpty else { return Outcome(text: releaseAll(), stopped: false) }
        for start in held.indices where stops.contains(where: { held[start...].starts(with: $0) }) {
            let shown = String(decoding: held[..<start], as: UTF8.self)
            held.removeAll()
            return Outcome(text: shown, stopped: true)
        }
        let undecided = held.indices.first { start in
            stops.contains { $0.count > held.count - start && $0.starts(with: held[start...]) }
        }
        guard let undecided else { return Outcome(text: releaseAll(), stopped: false) }
        let shown = String(decoding: held[..<undecided], as: UTF8.self)
        held.removeSubrange(..<undecided)
        return Outcome(text: shown, stopped: false)
    }

    /// What is still held back once no more text comes.
    package mutating func finish() -> String { releaseAll() }

    private mutating func releaseAll() -> String {
        defer { held.removeAll() }
        return String(decoding: held, as: UTF8.self)
    }
}
