import NuthatchReports

/// What to send to a terminal so that it shows something else.
package enum ScreenEdit: Equatable, Sendable {
    case up(Int)
    case down(Int)
    /// To a column of this row, from 0.
    case column(Int)
    case text(String)
    /// To the beginning of the row below, which may be a new one.
    case nextRow
    /// Everything from the cursor on.
    case eraseBelow
    case eraseScreen

    /// As ECMA-48 writes it.
    package var sequence: String {
        switch self {
        case .up(let count): "\u{1B}[\(count)A"
        case .down(let count): "\u{1B}[\(count)B"
        case .column(0): "\r"
        case .column(let column): "\r\u{1B}[\(column)C"
        case .text(let text): text
        case .nextRow: "\r\n"
        case .eraseBelow: "\u{1B}[J"
        case .eraseScreen: "\u{1B}[H\u{1B}[2J"
        }
    }
}

/// What a terminal shows of a line being written, and the edits that make it show another.
package struct LineScreen: Equatable, Sendable {
    private var shown: LineLayout?

    package init() {}

    package mutating func show(_ layout: LineLayout) -> [ScreenEdit] {
        guard let old = shown else {
            shown = layout
            return Self.write(layout.rows[...]) + Self.place(in: layout, from: layout.rows.count - 1)
        }
        shown = layout
        if old == layout { return [] }
        if old.rows == layout.rows { return Self.move(from: old.cursorRow, to: layout) }
        if let typed = Self.appended(old, layout) { return [.text(typed)] }
        let alike = zip(old.rows, layout.rows).prefix { $0 == $1 }.count
        let first = min(alike, old.rows.count - 1, layout.rows.count - 1)
        return Self.vertical(first - old.cursorRow) + [.column(0), .eraseBelow]
            + Self.write(layout.rows[first...]) + Self.place(in: layout, from: layout.rows.count - 1)
    }

    /// The terminal has other columns now: shows everything anew.
    package mutating func showAnew(_ layout: LineLayout, columns: Int) -> [ScreenEdit] {
        let above = shown?.rowCountAboveCursor(columns: columns) ?? 0
        shown = nil
        return Self.vertical(-above) + [.column(0), .eraseBelow] + show(layout)
    }

    /// Something else has taken the screen: shows everything where the cursor is now.
    package mutating func forget() { shown = nil }

    /// Goes below the line, which stays on the screen.
    package mutating func finish() -> [ScreenEdit] {
        defer { shown = nil }
        guard let shown else { return [] }
        return Self.vertical(shown.rows.count - 1 - shown.cursorRow) + [.nextRow]
    }

    private static func write(_ rows: ArraySlice<String>) -> [ScreenEdit] {
        var edits: [ScreenEdit] = []
        for row in rows {
            if !edits.isEmpty { edits.append(.nextRow) }
            edits.append(.text(row))
        }
        return edits
    }

    private static func place(in layout: LineLayout, from row: Int) -> [ScreenEdit] {
        vertical(layout.cursorRow - row) + [.column(layout.cursorColumn)]
    }

    private static func move(from row: Int, to layout: LineLayout) -> [ScreenEdit] {
        vertical(layout.cursorRow - row) + [.column(layout.cursorColumn)]
    }

    private static func vertical(_ count: Int) -> [ScreenEdit] {
        count == 0 ? [] : [count < 0 ? .up(-count) : .down(count)]
    }

    /// What was added behind the end of the last row, where nothing else changed and the cursor stands there.
    private static func appended(_ old: LineLayout, _ new: LineLayout) -> String? {
        guard old.rows.count == new.rows.count, old.rows.dropLast() == new.rows.dropLast(),
            let before = old.rows.last, let after = new.rows.last, after.hasPrefix(before),
            old.cursorRow == old.rows.count - 1, new.cursorRow == new.rows.count - 1,
            old.cursorColumn == CharacterWidth.columns(before),
            new.cursorColumn == CharacterWidth.columns(after)
        else { return nil }
        // Whole characters alone: a mark that combines with the last one changes that.
        let added = after.dropFirst(before.count)
        return String(added).utf8.count + before.utf8.count == after.utf8.count ? String(added) : nil
    }
}
