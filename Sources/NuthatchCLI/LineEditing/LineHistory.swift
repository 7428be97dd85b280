import NuthatchTensors

/// What was entered before, the newest last, and where in it a person is looking.
package struct LineHistory: Equatable, Sendable {
    package private(set) var entries: [String]
    /// The entry shown; nil while a new one is being written.
    private var position: Int?
    /// What was being written when looking began.
    private var draft = ""

    /// Entries kept: a person scrolls through a few dozen and searches the rest.
    package static let entryLimit = 1_000

    package init(_ entries: [String] = []) {
        self.entries = Array(entries.suffix(Self.entryLimit))
    }

    /// Keeps an entry, unless it is empty or the newest already.
    ///
    /// - Returns: whether it was kept.
    @discardableResult
    package mutating func add(_ entry: String) -> Bool {
        position = nil
        draft = ""
        guard !entry.trimmed.isEmpty, entry != entries.last else { return false }
        entries.append(entry)
        if entries.count > Self.entryLimit { entries.removeFirst() }
        return true
    }

    /// The entry before the one shown; nil at the oldest.
    package mutating func older(than current: String) -> String? {
        let next = (position ?? entries.count) - 1
        guard next >= 0 else { return nil }
        if position == nil { draft = current }
        position = next
        return entries[next]
    }

    /// The entry after the one shown, at last what was being written; nil where that is shown.
    package mutating func newer() -> String? {
        guard let shown = position else { return nil }
        guard shown + 1 < entries.count else {
            position = nil
            return draft
        }
        position = shown + 1
        return entries[shown + 1]
    }

    /// The newest entry before `end` that contains a text, and its index.
    package func newest(containing text: String, before end: Int) -> (index: Int, entry: String)? {
        guard !text.isEmpty else { return nil }
        for index in entries.indices.prefix(max(end, 0)).reversed() where entries[index].contains(text) {
            return (index, entries[index])
        }
        return nil
    }

    /// Goes on from an entry that a search found.
    package mutating func look(at index: Int, from current: String) {
        if position == nil { draft = current }
        position = index
    }

    /// A new entry begins.
    package mutating func rest() {
        position = nil
        draft = ""
    }
}
