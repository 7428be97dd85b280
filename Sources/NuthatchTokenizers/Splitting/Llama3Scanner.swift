/// Matches `PublishedPattern.llama3` and `.qwen2` in one pass.
struct Llama3Scanner {
    /// Digits that stay together: `\p{N}{1,3}` or `\p{N}`.
    let digitGroup: Int

    func scan(_ bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>]) {
        let cursor = ScalarCursor(bytes, end: word.upperBound)
        var index = word.lowerBound
        while index < word.upperBound {
            let end = endOfMatch(cursor, from: index)
            matches.append(index..<end)
            index = end
        }
    }

    private func endOfMatch(_ cursor: borrowing ScalarCursor, from index: Int) -> Int {
        let contraction = cursor.contraction(at: index, ignoresCase: true)
        if contraction > 0 { return index + contraction }

        let first = cursor.kind(at: index)
        if first.kind == .letter { return cursor.endOfRun(of: .letter, from: index) }
        if first.kind == .number { return endOfDigits(cursor, from: index) }

        let second = index + first.byteCount
        if second < cursor.end, !Self.isLineBreak(cursor.bytes[index]) {
            let kind = cursor.kind(at: second).kind
            // [^\r\n\p{L}\p{N}]?\p{L}+
            if kind == .letter { return cursor.endOfRun(of: .letter, from: second) }
            // ` ?` of the run of others.
            if kind == .other, cursor.bytes[index] == UInt8(ascii: " ") { return endOfOthers(cursor, from: second) }
        }
        return first.kind == .other
            ? endOfOthers(cursor, from: index) : endOfWhitespace(cursor, from: index)
    }

    private func endOfDigits(_ cursor: borrowing ScalarCursor, from index: Int) -> Int {
        var index = index
        for _ in 0..<digitGroup where index < cursor.end {
            let next = cursor.kind(at: index)
            if next.kind != .number { break }
            index += next.byteCount
        }
        return index
    }

    /// `[^\s\p{L}\p{N}]+[\r\n]*`
    private func endOfOthers(_ cursor: borrowing ScalarCursor, from index: Int) -> Int {
        var index = cursor.endOfRun(of: .other, from: index)
        while index < cursor.end, Self.isLineBreak(cursor.bytes[index]) { index += 1 }
        return index
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: through the run's last line break, where it has one.
    private func endOfWhitespace(_ cursor: borrowing ScalarCursor, from index: Int) -> Int {
        var runEnd = index
        var afterLineBreak = index
        while runEnd < cursor.end {
            let next = cursor.kind(at: runEnd)
            if next.kind != .whitespace { break }
            if Self.isLineBreak(cursor.bytes[runEnd]) { afterLineBreak = runEnd + 1 }
            runEnd += next.byteCount
        }
        return afterLineBreak > index ? afterLineBreak : cursor.endOfWhitespace(from: index)
    }

    @inline(__always)
    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }
}
