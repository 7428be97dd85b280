/// Matches `PublishedPattern.llama3` and `.qwen2` in one pass.
struct Llama3Scanner {
    /// Digits that stay together: `\p{N}{1,3}` or `\p{N}`.
    let digitGroup: Int

    func scan(_ bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>]) {
        var index = word.lowerBound
        while index < word.upperBound {
            let end = endOfMatch(bytes, from: index, before: word.upperBound)
            matches.append(index..<end)
            index = end
        }
    }

    private func endOfMatch(_ bytes: Span<UInt8>, from index: Int, before end: Int) -> Int {
        let contraction = bytes.contraction(at: index, before: end, ignoresCase: true)
        if contraction > 0 { return index + contraction }

        let first = bytes.kind(at: index, before: end)
        if first.kind == .letter { return bytes.endOfRun(of: .letter, from: index, before: end) }
        if first.kind == .number { return endOfDigits(bytes, from: index, before: end) }

        let second = index + first.byteCount
        if second < end, !Self.isLineBreak(bytes[index]) {
            let kind = bytes.kind(at: second, before: end).kind
            // [^\r\n\p{L}\p{N}]?\p{L}+
            if kind == .letter { return bytes.endOfRun(of: .letter, from: second, before: end) }
            // ` ?` of the run of others.
            if kind == .other, bytes[index] == UInt8(ascii: " ") {
                return endOfOthers(bytes, from: second, before: end)
            }
        }
        return first.kind == .other
            ? endOfOthers(bytes, from: index, before: end) : endOfWhitespace(bytes, from: index, before: end)
    }

    private func endOfDigits(_ bytes: Span<UInt8>, from index: Int, before end: Int) -> Int {
        var index = index
        for _ in 0..<digitGroup where index < end {
            let next = bytes.kind(at: index, before: end)
            if next.kind != .number { break }
            index += next.byteCount
        }
        return index
    }

    /// `[^\s\p{L}\p{N}]+[\r\n]*`
    private func endOfOthers(_ bytes: Span<UInt8>, from index: Int, before end: Int) -> Int {
        var index = bytes.endOfRun(of: .other, from: index, before: end)
        while index < end, Self.isLineBreak(bytes[index]) { index += 1 }
        return index
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: through the run's last line break, where it has one.
    private func endOfWhitespace(_ bytes: Span<UInt8>, from index: Int, before end: Int) -> Int {
        var runEnd = index
        var afterLineBreak = index
        while runEnd < end {
            let next = bytes.kind(at: runEnd, before: end)
            if next.kind != .whitespace { break }
            if Self.isLineBreak(bytes[runEnd]) { afterLineBreak = runEnd + 1 }
            runEnd += next.byteCount
        }
        return afterLineBreak > index ? afterLineBreak : bytes.endOfWhitespace(from: index, before: end)
    }

    @inline(__always)
    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }
}
