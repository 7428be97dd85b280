/// The steps that cut a text into words; merges never cross a word's border.
enum PreTokenizer: Sendable, Equatable {
    case split(SplitPattern, SplitBehavior, isInverted: Bool)
    /// Puts a space before each word that has none.
    case spacePrefix
    /// Respells each byte as a visible character. Only where more steps follow: otherwise the merges take the
    /// bytes as they are.
    case byteAlphabet(ByteAlphabet)
    /// Cuts before each mark that does not follow another. Added where no piece reaches across such a place, so the ids
    /// are the same and a long text is merged word by word, within the caches, instead of at once.
    case beforeMarks([UInt8])
    case metaspace(replacement: [UInt8], MetaspacePrefix, splits: Bool)

    /// Where Metaspace puts its mark before a word that does not start with one.
    enum MetaspacePrefix: String, Sendable, CaseIterable {
        case first, always, never
    }

    func apply(to text: inout WordText) throws(TokenizerError) {
        switch self {
        case .split(let pattern, let behavior, let isInverted):
            try Self.split(&text, pattern, behavior, isInverted: isInverted)
        case .spacePrefix:
            text.respell { bytes, word, _, spelled in
                if bytes[word.lowerBound] != UInt8(ascii: " ") { spelled.append(UInt8(ascii: " ")) }
                for index in word { spelled.append(bytes[index]) }
            }
        case .byteAlphabet(let alphabet):
            text.respell { bytes, word, _, spelled in
                for index in word { alphabet.spell(bytes[index], into: &spelled) }
            }
        case .beforeMarks(let mark):
            Self.cut(&text, before: mark)
        case .metaspace(let replacement, let prefix, let splits):
            text.respell { bytes, word, startsText, spelled in
                let start = spelled.count
                for index in word {
                    if bytes[index] == UInt8(ascii: " ") {
                        spelled.append(contentsOf: replacement)
                    } else {
                        spelled.append(bytes[index])
                    }
                }
                let isWanted = prefix == .always || prefix == .first && startsText
                if isWanted && !spelled[start...].starts(with: replacement) {
                    spelled.insert(contentsOf: replacement, at: start)
                }
            }
            if splits { try Self.split(&text, .literal(replacement), .mergedWithNext, isInverted: false) }
        }
    }

    private static func cut(_ text: inout WordText, before mark: [UInt8]) {
        var words: [Range<Int>] = []
        words.reserveCapacity(text.bytes.count / 4)
        var marks: [Range<Int>] = []
        for word in text.words {
            marks.removeAll(keepingCapacity: true)
            SplitPattern.find(mark, in: text.bytes.span, word, into: &marks)
            var start = word.lowerBound
            var previousEnd = word.lowerBound
            for mark in marks {
                if mark.lowerBound > previousEnd {
                    words.append(start..<mark.lowerBound)
                    start = mark.lowerBound
                }
                previousEnd = mark.upperBound
            }
            words.append(start..<word.upperBound)
        }
        text.words = words
    }

    private static func split(
        _ text: inout WordText, _ pattern: SplitPattern, _ behavior: SplitBehavior, isInverted: Bool
    ) throws(TokenizerError) {
        var words: [Range<Int>] = []
        words.reserveCapacity(max(text.words.count, text.bytes.count / 4))
        var matches: [Range<Int>] = []
        for word in text.words {
            matches.removeAll(keepingCapacity: true)
            try pattern.appendMatches(in: text.bytes.span, word, to: &matches)
            behavior.cut(word, at: matches, isInverted: isInverted, into: &words)
        }
        text.words = words
    }
}
