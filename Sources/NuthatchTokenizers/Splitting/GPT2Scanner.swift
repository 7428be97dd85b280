/// Matches `PublishedPattern.gpt2` in one pass.
enum GPT2Scanner {
    static func scan(_ bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>]) {
        var index = word.lowerBound
        while index < word.upperBound {
            let end = endOfMatch(bytes, from: index, before: word.upperBound)
            matches.append(index..<end)
            index = end
        }
    }

    private static func endOfMatch(_ bytes: Span<UInt8>, from index: Int, before end: Int) -> Int {
        let contraction = bytes.contraction(at: index, before: end, ignoresCase: false)
        if contraction > 0 { return index + contraction }
        var start = index
        var (kind, _) = bytes.kind(at: index, before: end)
        if bytes[index] == UInt8(ascii: " "), index + 1 < end {
            // ` ?` before a run of letters, numbers or others.
            start = index + 1
            kind = bytes.kind(at: start, before: end).kind
        }
        if kind == .whitespace { return bytes.endOfWhitespace(from: index, before: end) }
        return bytes.endOfRun(of: kind, from: start, before: end)
    }
}
