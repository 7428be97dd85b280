/// A string of a template, and which of its bytes the template wrote itself.
///
/// The template's own are its text and its literals, numbers, truth values, the marks around them, and what it is given to
/// write markup with (`bos_token` and the like, a message's role where that is a word). All else is content: what
/// messages, tools, documents and further variables hold. Cutting, joining and replacing keep the origin of each byte;
/// an operation that mixes bytes of both into something new makes content of it.
struct TemplateText: Sendable {
    private(set) var string: String
    /// The template's own bytes, as offsets in UTF-8: ascending, none empty, no two touching.
    private(set) var ownRanges: [Range<Int>]

    /// Text the template wrote.
    init(own string: String) {
        self.string = string
        ownRanges = string.isEmpty ? [] : [0..<string.utf8.count]
    }

    /// Content, or text of which nothing is known.
    init(given string: String) {
        self.string = string
        ownRanges = []
    }

    private init(_ string: String, ownRanges: [Range<Int>]) {
        self.string = string
        self.ownRanges = ownRanges
    }

    static let empty = TemplateText(given: "")

    var byteCount: Int { string.utf8.count }
    var isOwn: Bool { byteCount == 0 || ownRanges.first == 0..<byteCount }

    mutating func append(_ other: TemplateText) {
        let offset = byteCount
        string += other.string
        for range in other.ownRanges {
            let moved = (range.lowerBound + offset)..<(range.upperBound + offset)
            if let last = ownRanges.last, last.upperBound == moved.lowerBound {
                ownRanges[ownRanges.count - 1] = last.lowerBound..<moved.upperBound
            } else {
                ownRanges.append(moved)
            }
        }
    }

    static func + (left: TemplateText, right: TemplateText) -> TemplateText {
        var sum = left
        sum.append(right)
        return sum
    }

    /// The bytes of a range that begins and ends between code points.
    subscript(range: Range<Int>) -> TemplateText {
        let start = string.utf8.index(string.utf8.startIndex, offsetBy: range.lowerBound)
        let end = string.utf8.index(start, offsetBy: range.count)
        var cut: [Range<Int>] = []
        for own in ownRanges[firstOwnRange(endingBehind: range.lowerBound)...] {
            if own.lowerBound >= range.upperBound { break }
            let kept = own.clamped(to: range)
            cut.append((kept.lowerBound - range.lowerBound)..<(kept.upperBound - range.lowerBound))
        }
        return TemplateText(String(decoding: string.utf8[start..<end], as: UTF8.self), ownRanges: cut)
    }

    /// By halving, so that cutting a text into many pieces costs no more than reading it.
    private func firstOwnRange(endingBehind offset: Int) -> Int {
        var (low, high) = (0, ownRanges.count)
        while low < high {
            let middle = (low + high) / 2
            if ownRanges[middle].upperBound > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension TemplateText {
    /// Stretches of one origin, in order, covering everything.
    private var stretches: [(text: TemplateText, isOwn: Bool)] {
        var stretches: [(text: TemplateText, isOwn: Bool)] = []
        var start = 0
        for own in ownRanges {
            if start < own.lowerBound { stretches.append((self[start..<own.lowerBound], false)) }
            stretches.append((self[own], true))
            start = own.upperBound
        }
        if start < byteCount { stretches.append((self[start..<byteCount], false)) }
        return stretches
    }

    /// Respelt code point by code point: `body` looks at no neighbours, so each stretch keeps its origin.
    func respelled(_ body: (String) -> String) -> TemplateText {
        if ownRanges.isEmpty { return TemplateText(given: body(string)) }
        if isOwn { return TemplateText(own: body(string)) }
        var result = TemplateText.empty
        for stretch in stretches {
            let text = body(stretch.text.string)
            result.append(stretch.isOwn ? TemplateText(own: text) : TemplateText(given: text))
        }
        return result
    }

    /// Respelt as a whole: the template's own where all of it was.
    func respelledWhole(_ body: (String) -> String) -> TemplateText {
        isOwn ? TemplateText(own: body(string)) : TemplateText(given: body(string))
    }

    func repeated(_ count: Int) -> TemplateText {
        let whole = String(repeating: string, count: count)
        if ownRanges.isEmpty { return TemplateText(given: whole) }
        if isOwn { return TemplateText(own: whole) }
        var result = TemplateText.empty
        for _ in 0..<count { result.append(self) }
        return result
    }

    /// Offsets at which code points begin, and the end.
    var codePointOffsets: [Int] {
        var offsets: [Int] = []
        offsets.reserveCapacity(byteCount + 1)
        var offset = 0
        for scalar in string.unicodeScalars {
            offsets.append(offset)
            offset += UTF8.width(scalar)
        }
        return offsets + [offset]
    }

    /// Where a code point begins, or the end where there are fewer.
    private func offset(ofCodePoint place: Int) -> Int {
        var (offset, rest) = (0, place)
        for scalar in string.unicodeScalars {
            if rest == 0 { break }
            offset += UTF8.width(scalar)
            rest -= 1
        }
        return offset
    }

    /// A run of code points.
    subscript(codePoints range: Range<Int>) -> TemplateText {
        self[offset(ofCodePoint: range.lowerBound)..<offset(ofCodePoint: range.upperBound)]
    }

    /// Each code point.
    var codePoints: [TemplateText] {
        let offsets = codePointOffsets
        return zip(offsets, offsets.dropFirst()).map { self[$0..<$1] }
    }

    /// The first code points, `count` of them at most.
    func prefix(codePoints count: Int) -> TemplateText {
        self[0..<offset(ofCodePoint: max(0, count))]
    }

    func dropping(codePoints count: Int) -> TemplateText {
        self[offset(ofCodePoint: max(0, count))..<byteCount]
    }

    func parts(separatedBy separator: String, limit: Int = .max) -> [TemplateText] {
        string.partRanges(separatedBy: separator, limit: limit).map { self[$0] }
    }

    func partsFromEnd(separatedBy separator: String, limit: Int) -> [TemplateText] {
        string.partRangesFromEnd(separatedBy: separator, limit: limit).map { self[$0] }
    }

    func trimmed(
        start: Bool = true, end: Bool = true, where isTrimmed: (Unicode.Scalar) -> Bool = \.isPythonSpace
    ) -> TemplateText {
        self[string.rangeTrimmed(start: start, end: end, where: isTrimmed)]
    }

    func lines(keepingEnds: Bool = false) -> [TemplateText] {
        string.lineRanges(keepingEnds: keepingEnds).map { self[$0] }
    }

    /// Pieces with this between them.
    func joining(_ pieces: [TemplateText]) -> TemplateText {
        var joined = TemplateText.empty
        for (index, piece) in pieces.enumerated() {
            if index > 0 { joined.append(self) }
            joined.append(piece)
        }
        return joined
    }
}
