/// Matches `PublishedPattern.gpt2` in one pass.
enum GPT2Scanner {
    static func scan(_ bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>]) {
        let cursor = ScalarCursor(bytes, end: word.upperBound)
        var index = word.lowerBound
        while index < word.upperBound {
            let end = endOfMatch(cursor, from: index)
            matches.append(index..<end)
            index = end
        }
    }

    private static func endOfMatch(_ cursor: borrowing ScalarCursor, from index: Int) -> Int {
        let contraction = cursor.contraction(at: index, ignoresCase: false)
        if contraction > 0 { return index + contraction }
        var start = index
        var (kind, _) = cursor.kind(at: index)
        if cursor.bytes[index] == UInt8(ascii: " "), index + 1 < cursor.end {
            // ` ?` before a run of letters, numbers or others.
            start = index + 1
            kind = cursor.kind(at: start).kind
        }
        if kind == .whitespace { return cursor.endOfWhitespace(from: index) }
        return cursor.endOfRun(of: kind, from: start)
    }
}
