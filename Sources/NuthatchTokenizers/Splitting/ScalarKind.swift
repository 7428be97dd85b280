/// What scanners tell apart.
enum ScalarKind {
    case letter, number, whitespace, other

    @inline(__always)
    init(ascii byte: UInt8) {
        if (byte | 0x20) &- 0x61 < 26 {
            self = .letter
        } else if byte &- 0x30 < 10 {
            self = .number
        } else {
            self = byte == 0x20 || byte &- 0x09 < 5 ? .whitespace : .other
        }
    }

    init(_ facts: ScalarFacts) {
        self = facts.isLetter ? .letter : facts.isNumber ? .number : facts.isWhitespace ? .whitespace : .other
    }
}

/// Runs of one kind, for scanners. A word is a stretch of the bytes: nothing at or after `end` is looked at.
extension Span where Element == UInt8 {
    /// The kind of the scalar at `index`, which must be below `end`.
    @inline(__always)
    func kind(at index: Int, before end: Int) -> (kind: ScalarKind, byteCount: Int) {
        let byte = self[index]
        if byte < 0x80 { return (ScalarKind(ascii: byte), 1) }
        let scalar = self.scalar(at: index, before: end)
        // Unified ideographs and Hangul syllables, most of the text of their languages.
        if (0x4e00...0x9fff).contains(scalar.value) || (0xac00...0xd7a3).contains(scalar.value) {
            return (.letter, scalar.byteCount)
        }
        return (ScalarKind(ScalarFacts(scalar.value)), scalar.byteCount)
    }

    /// Where the run of `kind` that starts at `index` ends.
    @inline(__always)
    func endOfRun(of kind: ScalarKind, from index: Int, before end: Int) -> Int {
        var index = index
        while index < end {
            let next = self.kind(at: index, before: end)
            if next.kind != kind { break }
            index += next.byteCount
        }
        return index
    }

    /// `\s+(?!\S)|\s+`: all whitespace up to the end of the word, else all but its last scalar, which the next
    /// match may take; a single one stays itself.
    func endOfWhitespace(from index: Int, before end: Int) -> Int {
        var runEnd = index
        var last = index
        while runEnd < end {
            let next = kind(at: runEnd, before: end)
            if next.kind != .whitespace { break }
            last = runEnd
            runEnd += next.byteCount
        }
        return runEnd == end || last == index ? runEnd : last
    }

    /// The length of `'s 't 're 've 'm 'll 'd` at `index`, or 0. Ignoring case, `'ſ` counts as `'s`.
    func contraction(at index: Int, before end: Int, ignoresCase: Bool) -> Int {
        guard self[index] == UInt8(ascii: "'"), index + 1 < end else { return 0 }
        let fold: UInt8 = ignoresCase ? 0x20 : 0
        let first = self[index + 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case 0xc5 | fold where ignoresCase:
            return self[index + 1] == 0xc5 && index + 2 < end && self[index + 2] == 0xbf ? 3 : 0
        default: break
        }
        guard index + 2 < end else { return 0 }
        switch (first, self[index + 2] | fold) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 3
        default: return 0
        }
    }
}
