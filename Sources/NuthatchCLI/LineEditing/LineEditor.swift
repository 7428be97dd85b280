/// What keys do to a line that is being written: decided here, shown and acted on elsewhere.
package struct LineEditor: Equatable, Sendable {
    /// What a key asks of whoever reads the line.
    package enum Outcome: Equatable, Sendable {
        /// Show what has changed.
        case edited
        /// Nothing to do: the key has no meaning here.
        case refused
        case submitted(String)
        case interrupted
        case ended
        case suspended
        case cleared
    }

    /// Looking for an entry that contains a text.
    package struct Search: Equatable, Sendable {
        package var text = ""
        var index: Int?
        /// What was there before.
        let original: LineBuffer
    }

    package private(set) var buffer = LineBuffer()
    package private(set) var search: Search?
    package var history: LineHistory
    private var killed = ""

    package init(history: LineHistory = LineHistory()) { self.history = history }

    /// Begins a new line.
    package mutating func begin() {
        buffer = LineBuffer()
        search = nil
        history.rest()
    }

    package mutating func handle(_ key: EditingKey) -> Outcome {
        if search != nil, let outcome = handleSearching(key) { return outcome }
        switch key {
        case .text(let text), .paste(let text): buffer.insert(text)
        case .lineBreak: buffer.insert("\n")
        case .enter:
            let text = buffer.text
            begin()
            return .submitted(text)
        case .interrupt:
            return .interrupted
        case .endOfInput:
            if buffer.isEmpty { return .ended }
            return buffer.deleteForward() ? .edited : .refused
        case .suspend: return .suspended
        case .clearScreen: return .cleared
        case .searchBack: search = Search(original: buffer)
        case .yank:
            guard !killed.isEmpty else { return .refused }
            buffer.insert(killed)
        case .killToEnd: return kill(buffer.killToLineEnd())
        case .killToStart: return kill(buffer.killToLineStart())
        case .killWord: return kill(buffer.killWord())
        case .killNextWord: return kill(buffer.killNextWord())
        case .backspace: return buffer.deleteBackward() ? .edited : .refused
        case .delete: return buffer.deleteForward() ? .edited : .refused
        case .left: return buffer.moveLeft() ? .edited : .refused
        case .right: return buffer.moveRight() ? .edited : .refused
        case .home: buffer.moveToLineStart()
        case .end: buffer.moveToLineEnd()
        case .wordLeft: buffer.moveWordLeft()
        case .wordRight: buffer.moveWordRight()
        case .up: return buffer.moveUp() ? .edited : show(history.older(than: buffer.text))
        case .down: return buffer.moveDown() ? .edited : show(history.newer())
        case .unknown: return .refused
        }
        return .edited
    }

    private mutating func kill(_ text: String) -> Outcome {
        guard !text.isEmpty else { return .refused }
        killed = text
        return .edited
    }

    private mutating func show(_ entry: String?) -> Outcome {
        guard let entry else { return .refused }
        buffer = LineBuffer(entry)
        return .edited
    }

    /// Nil for a key that ends the search and then means what it means elsewhere.
    private mutating func handleSearching(_ key: EditingKey) -> Outcome? {
        guard var found = search else { return nil }
        switch key {
        case .text(let text):
            found.text += text
            found.index = nil
        case .backspace:
            guard found.text.popLast() != nil else { return .refused }
            found.index = nil
        case .searchBack: break
        case .interrupt:
            buffer = found.original
            search = nil
            return .edited
        default:
            if let index = found.index { history.look(at: index, from: found.original.text) }
            search = nil
            return key == .unknown ? .edited : nil
        }
        let hit = history.newest(containing: found.text, before: found.index ?? history.entries.count)
        if let hit {
            found.index = hit.index
            buffer = LineBuffer(hit.entry)
        }
        search = found
        return hit == nil && !found.text.isEmpty ? .refused : .edited
    }
}
