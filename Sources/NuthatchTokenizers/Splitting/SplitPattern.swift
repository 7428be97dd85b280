/// What a splitting step looks for.
///
/// The patterns that most published models use run as hand-written scanners, several times faster than the general
/// search; tests hold the two against each other.
enum SplitPattern: Sendable, Equatable {
    /// GPT-2's pattern (`PublishedPattern.gpt2`).
    case gpt2
    /// Llama 3's pattern and Qwen 2's, which differ in how many digits stay together.
    case llama3(digitGroup: Int)
    case literal([UInt8])
    /// Each number (categories Nd, Nl, No) alone.
    case number
    case whitespace
    case punctuation
    case program(PatternProgram)

    init(_ pattern: String) throws(PatternParser.Failure) {
        if let published = PublishedPattern(rawValue: pattern) {
            self = published.scanner
        } else {
            self = .program(try PatternProgram(pattern))
        }
    }

    /// Appends the non-empty matches within `word`, from left to right.
    func appendMatches(
        in bytes: Span<UInt8>, _ word: Range<Int>, to matches: inout [Range<Int>]
    ) throws(TokenizerError) {
        switch self {
        case .gpt2: GPT2Scanner.scan(bytes, word, into: &matches)
        case .llama3(let digitGroup): Llama3Scanner(digitGroup: digitGroup).scan(bytes, word, into: &matches)
        case .literal(let literal): Self.find(literal, in: bytes, word, into: &matches)
        case .number: Self.find(in: bytes, word, into: &matches, where: \.isNumber)
        case .whitespace: Self.find(in: bytes, word, into: &matches, where: \.isWhitespace)
        case .punctuation: Self.find(in: bytes, word, into: &matches, where: \.isPunctuation)
        case .program(let program):
            var search = PatternSearch(program)
            try search.appendMatches(in: bytes, word, to: &matches)
        }
    }

    private static func find(
        in bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>],
        where holds: (ScalarFacts) -> Bool
    ) {
        var index = word.lowerBound
        while index < word.upperBound {
            let scalar = bytes.scalar(at: index, before: word.upperBound)
            if holds(ScalarFacts(scalar.value)) { matches.append(index..<index + scalar.byteCount) }
            index += scalar.byteCount
        }
    }

    static func find(
        _ literal: [UInt8], in bytes: Span<UInt8>, _ word: Range<Int>, into matches: inout [Range<Int>]
    ) {
        guard let first = literal.first else { return }
        var index = word.lowerBound
        while index + literal.count <= word.upperBound {
            let isMatch =
                bytes[index] == first
                && (1..<max(1, literal.count)).allSatisfy { bytes[index + $0] == literal[$0] }
            if isMatch { matches.append(index..<index + literal.count) }
            index += isMatch ? literal.count : 1
        }
    }
}
