/// A text being written and where its cursor is.
///
/// Held as what is before the cursor and what is behind it, so that typing at the end costs what is typed.
package struct LineBuffer: Equatable, Sendable {
    package private(set) var before: String
    package private(set) var after: String

    package init(_ before: String = "", after: String = "") {
        self.before = before
        self.after = after
    }

    package var text: String { before + after }
    package var isEmpty: Bool { before.isEmpty && after.isEmpty }

    package mutating func insert(_ text: String) { before += text }

    // MARK: Moving

    /// Moves by one character; false at the end.
    package mutating func moveLeft() -> Bool {
        guard let character = before.popLast() else { return false }
        after.insert(character, at: after.startIndex)
        return true
    }

    package mutating func moveRight() -> Bool {
        guard !after.isEmpty else { return false }
        before.append(after.removeFirst())
        return true
    }

    package mutating func moveToLineStart() { split(at: lineStart) }

    package mutating func moveToLineEnd() { split(at: lineEnd) }

    package mutating func moveToEnd() { split(at: text.endIndex) }

    package mutating func moveWordLeft() { split(at: previousWord) }

    package mutating func moveWordRight() { split(at: nextWord) }

    /// To the line above, at as many characters from its beginning; false on the first line.
    package mutating func moveUp() -> Bool {
        let text = text
        let start = lineStart
        guard start > text.startIndex else { return false }
        let column = text.distance(from: start, to: cursor)
        let end = text.index(before: start)
        let above = text[..<end].lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
        split(at: text.index(above, offsetBy: column, limitedBy: end) ?? end)
        return true
    }

    /// To the line below; false on the last line.
    package mutating func moveDown() -> Bool {
        let text = text
        let end = lineEnd
        guard end < text.endIndex else { return false }
        let column = text.distance(from: lineStart, to: cursor)
        let below = text.index(after: end)
        let limit = text[below...].firstIndex(of: "\n") ?? text.endIndex
        split(at: text.index(below, offsetBy: column, limitedBy: limit) ?? limit)
        return true
    }

    // MARK: Removing

    /// Removes the character before the cursor; false where there is none.
    package mutating func deleteBackward() -> Bool { before.popLast() != nil }

    package mutating func deleteForward() -> Bool {
        guard !after.isEmpty else { return false }
        after.removeFirst()
        return true
    }

    /// Removes to the line's end, or the line break there.
    package mutating func killToLineEnd() -> String {
        let end = after.firstIndex(of: "\n") ?? after.endIndex
        let killed = after.isEmpty || end > after.startIndex ? String(after[..<end]) : "\n"
        after.removeFirst(killed.count)
        return killed
    }

    package mutating func killToLineStart() -> String { kill(from: lineStart) }

    package mutating func killWord() -> String { kill(from: previousWord) }

    package mutating func killNextWord() -> String {
        let count = text.distance(from: cursor, to: nextWord)
        let killed = String(after.prefix(count))
        after.removeFirst(killed.count)
        return killed
    }

    private mutating func kill(from start: String.Index) -> String {
        let killed = String(text[start..<cursor])
        before.removeLast(killed.count)
        return killed
    }

    // MARK: Places in the whole text

    // What is before the cursor begins the whole text, so its end is a place there.
    private var cursor: String.Index { index(offset: before.utf8.count) }

    private var lineStart: String.Index {
        let text = text
        return text[..<cursor].lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
    }

    private var lineEnd: String.Index {
        let text = text
        return text[cursor...].firstIndex(of: "\n") ?? text.endIndex
    }

    // Words are looked for on the cursor's own side: it may stand inside a character of the whole text, before an accent that
    // was typed by itself, and from there no index of that text goes one back.

    private var previousWord: String.Index {
        var place = before.endIndex
        func isWordBehind() -> Bool { before[before.index(before: place)].isWordPart }
        while place > before.startIndex, !isWordBehind() { place = before.index(before: place) }
        while place > before.startIndex, isWordBehind() { place = before.index(before: place) }
        return index(offset: before.utf8.distance(from: before.startIndex, to: place))
    }

    private var nextWord: String.Index {
        var place = after.startIndex
        while place < after.endIndex, !after[place].isWordPart { place = after.index(after: place) }
        while place < after.endIndex, after[place].isWordPart { place = after.index(after: place) }
        return index(offset: before.utf8.count + after.utf8.distance(from: after.startIndex, to: place))
    }

    /// The place so many bytes into the whole text.
    private func index(offset: Int) -> String.Index {
        let text = text
        return text.utf8.index(text.startIndex, offsetBy: offset)
    }

    private mutating func split(at place: String.Index) {
        let text = text
        (before, after) = (String(text[..<place]), String(text[place...]))
    }
}

extension Character {
    fileprivate var isWordPart: Bool { isLetter || isNumber || self == "_" }
}
