/// Searching and cutting by code points. UTF-8 cannot match at a wrong place, so searching works on bytes.
extension String {
    var codePointCount: Int { unicodeScalars.count }

    /// The byte offset of the first occurrence at or behind `start`.
    func firstOffset(of part: String, from start: Int = 0) -> Int? {
        ByteSearch(Array(part.utf8)).firstOffset(in: Array(utf8), from: start)
    }

    /// The parts between occurrences of a separator that is not empty, at most `limit + 1` of them.
    func parts(separatedBy separator: String, limit: Int = .max) -> [String] {
        let bytes = Array(utf8)
        return partRanges(separatedBy: separator, limit: limit).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    /// Where the parts between occurrences of a separator lie, as offsets in UTF-8.
    func partRanges(separatedBy separator: String, limit: Int = .max) -> [Range<Int>] {
        Self.partRanges(Array(utf8), separatedBy: Array(separator.utf8), limit: limit)
    }

    /// Like `partRanges`, searching from the end: forward through both turned round.
    func partRangesFromEnd(separatedBy separator: String, limit: Int) -> [Range<Int>] {
        let count = utf8.count
        return Self.partRanges(utf8.reversed(), separatedBy: separator.utf8.reversed(), limit: limit)
            .reversed().map { (count - $0.upperBound)..<(count - $0.lowerBound) }
    }

    private static func partRanges(
        _ bytes: [UInt8], separatedBy separator: [UInt8], limit: Int
    ) -> [Range<Int>] {
        let search = ByteSearch(separator)
        var parts: [Range<Int>] = []
        var start = 0
        while parts.count < limit, let found = search.firstOffset(in: bytes, from: start) {
            parts.append(start..<found)
            start = found + separator.count
        }
        return parts + [start..<bytes.count]
    }

    init(codePoints: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: codePoints)
        self.init(view)
    }

    /// Without code points of a class at its ends.
    func trimmed(
        start: Bool = true, end: Bool = true, where isTrimmed: (Unicode.Scalar) -> Bool = \.isPythonSpace
    ) -> String {
        TemplateText(given: self).trimmed(start: start, end: end, where: isTrimmed).string
    }

    /// What is left without code points of a class at the ends, as offsets in UTF-8.
    func rangeTrimmed(
        start: Bool, end: Bool, where isTrimmed: (Unicode.Scalar) -> Bool
    ) -> Range<Int> {
        var scalars = Substring(self).unicodeScalars
        if start { scalars = scalars.drop(while: isTrimmed) }
        if end {
            while let last = scalars.last, isTrimmed(last) { scalars.removeLast() }
        }
        let first = utf8.distance(from: utf8.startIndex, to: scalars.startIndex)
        return first..<(first + utf8.distance(from: scalars.startIndex, to: scalars.endIndex))
    }

    /// Words between runs of white space, as offsets in UTF-8.
    var wordRanges: [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        var offset = 0
        for scalar in unicodeScalars {
            if !scalar.isPythonSpace {
                start = start ?? offset
            } else if let first = start {
                words.append(first..<offset)
                start = nil
            }
            offset += UTF8.width(scalar)
        }
        if let start { words.append(start..<offset) }
        return words
    }

    /// `str.splitlines`, as offsets in UTF-8.
    func lineRanges(keepingEnds: Bool) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        var offset = 0
        var scalars = unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            let end = offset
            offset += UTF8.width(scalar)
            guard scalar.isPythonLineBreak else { continue }
            if scalar == "\r", next == "\n" {
                offset += 1
                next = scalars.next()
            }
            lines.append(start..<(keepingEnds ? offset : end))
            start = offset
        }
        if start < offset { lines.append(start..<offset) }
        return lines
    }

    /// First letter in title case, the rest in lower case.
    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping + String(codePoints: unicodeScalars.dropFirst()).lowercased()
    }

    /// `str.title`: a letter behind no letter starts a word.
    var pythonTitle: String {
        var title = ""
        var followsLetter = false
        for scalar in unicodeScalars {
            title += followsLetter ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            followsLetter = scalar.isCased
        }
        return title
    }
}
