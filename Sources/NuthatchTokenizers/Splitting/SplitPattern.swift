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

/// Splitting patterns as published with the models, word for word, that have a scanner.
enum PublishedPattern: String, CaseIterable, Sendable {
    /// Radford et al. 2019, `encoder.py`; also what the ByteLevel pre-tokenizer uses.
    case gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Llama 3.
    case llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// tokenizer.json of Qwen 2 and Qwen 3.
    case qwen2 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    var scanner: SplitPattern {
        switch self {
        case .gpt2: .gpt2
        case .llama3: .llama3(digitGroup: 3)
        case .qwen2: .llama3(digitGroup: 1)
        }
    }
}
