/// Searching and cutting by code points. UTF-8 cannot match at a wrong place, so searching works on bytes.
extension String {
    var codePointCount: Int { unicodeScalars.count }

    /// The byte offset of the first occurrence at or behind `start`.
    func firstOffset(of part: String, from start: Int = 0) -> Int? {
        ByteSearch(Array(part.utf8)).firstOffset(in: Array(utf8), from: start)
    }

    /// The parts between occurrences of a separator that is not empty, at most `limit + 1` of them.
    func parts(separatedBy separator: String, limit: Int = .max) -> [String] {
        byteParts(Array(utf8), separatedBy: Array(separator.utf8), limit: limit).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Parts of the text, searched from the end: forward through both turned round.
    func partsFromEnd(separatedBy separator: String, limit: Int) -> [String] {
        byteParts(utf8.reversed(), separatedBy: separator.utf8.reversed(), limit: limit).reversed().map {
            String(decoding: $0.reversed(), as: UTF8.self)
        }
    }

    private func byteParts(
        _ bytes: [UInt8], separatedBy separator: [UInt8], limit: Int
    ) -> [ArraySlice<UInt8>] {
        let search = ByteSearch(separator)
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        while parts.count < limit, let found = search.firstOffset(in: bytes, from: start) {
            parts.append(bytes[start..<found])
            start = found + separator.count
        }
        return parts + [bytes[start...]]
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
        var scalars = Substring(self).unicodeScalars
        if start { scalars = scalars.drop(while: isTrimmed) }
        if end {
            while let last = scalars.last, isTrimmed(last) { scalars.removeLast() }
        }
        return String(scalars)
    }

    /// Words between runs of white space.
    var words: [String] {
        unicodeScalars.split(whereSeparator: \.isPythonSpace).map { String($0) }
    }

    /// `str.splitlines`.
    func lines(keepingEnds: Bool = false) -> [String] {
        let scalars = Array(unicodeScalars)
        var lines: [String] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            guard scalars[index].isPythonLineBreak else {
                index += 1
                continue
            }
            let isPair = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
            let end = index + (isPair ? 2 : 1)
            lines.append(String(codePoints: scalars[start..<(keepingEnds ? end : index)]))
            (start, index) = (end, end)
        }
        if start < scalars.count { lines.append(String(codePoints: scalars[start...])) }
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
