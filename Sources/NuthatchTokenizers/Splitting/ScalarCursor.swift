/// A position in a word, for scanners: what is here, and runs of one kind.
struct ScalarCursor: ~Escapable {
    enum Kind {
        case letter, number, whitespace, other
    }

    let bytes: Span<UInt8>
    let end: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, end: Int) {
        self.bytes = bytes
        self.end = end
    }

    /// The kind of the scalar at `index`, which must be below `end`.
    @inline(__always)
    func kind(at index: Int) -> (kind: Kind, byteCount: Int) {
        let byte = bytes[index]
        if byte < 0x80 { return (Self.kind(ascii: byte), 1) }
        let scalar = bytes.scalar(at: index, before: end)
        // Unified ideographs and Hangul syllables, most of the text of their languages.
        if (0x4e00...0x9fff).contains(scalar.value) || (0xac00...0xd7a3).contains(scalar.value) {
            return (.letter, scalar.byteCount)
        }
        let facts = ScalarFacts(scalar.value)
        let kind: Kind =
            facts.isLetter ? .letter : facts.isNumber ? .number : facts.isWhitespace ? .whitespace : .other
        return (kind, scalar.byteCount)
    }

    @inline(__always)
    private static func kind(ascii byte: UInt8) -> Kind {
        if (byte | 0x20) &- 0x61 < 26 { return .letter }
        if byte &- 0x30 < 10 { return .number }
        return byte == 0x20 || byte &- 0x09 < 5 ? .whitespace : .other
    }

    /// Where the run of `kind` that starts at `index` ends.
    @inline(__always)
    func endOfRun(of kind: Kind, from index: Int) -> Int {
        var index = index
        while index < end {
            let next = self.kind(at: index)
            if next.kind != kind { break }
            index += next.byteCount
        }
        return index
    }

    /// `\s+(?!\S)|\s+`: all whitespace up to the end of the word, else all but its last scalar, which the next
    /// match may take; a single one stays itself.
    func endOfWhitespace(from index: Int) -> Int {
        var runEnd = index
        var last = index
        while runEnd < end {
            let next = kind(at: runEnd)
            if next.kind != .whitespace { break }
            last = runEnd
            runEnd += next.byteCount
        }
        return runEnd == end || last == index ? runEnd : last
    }

    /// The length of `'s 't 're 've 'm 'll 'd` at `index`, or 0. Ignoring case, `'ſ` counts as `'s`.
    func contraction(at index: Int, ignoresCase: Bool) -> Int {
        guard bytes[index] == UInt8(ascii: "'"), index + 1 < end else { return 0 }
        let fold: UInt8 = ignoresCase ? 0x20 : 0
        let first = bytes[index + 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case 0xc5 | fold where ignoresCase:
            return bytes[index + 1] == 0xc5 && index + 2 < end && bytes[index + 2] == 0xbf ? 3 : 0
        default: break
        }
        guard index + 2 < end else { return 0 }
        switch (first, bytes[index + 2] | fold) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 3
        default: return 0
        }
    }
}
