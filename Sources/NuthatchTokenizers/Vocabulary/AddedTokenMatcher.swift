import NuthatchTensors

/// Finds added tokens in a text, leftmost first and longest among those.
///
/// A byte trie walked from each position that starts some token: O(text x longest token) at worst, and in practice a
/// 256-entry test per byte. The rules are those of `tokenizers` (added_vocabulary.rs): a match that is refused
/// (special where plain text is wanted, or not a single word) is passed over whole.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    /// From contents to indices in `tokens`.
    private var trie = ByteTrie()
    private var starts = [Bool](repeating: false, count: 256)
    private let splitsSpecialTokens: Bool

    var isEmpty: Bool { tokens.isEmpty }

    /// - Parameter splitsSpecialTokens: whether special tokens are text wherever they stand.
    init(_ tokens: [AddedToken], splitsSpecialTokens: Bool = false) {
        self.splitsSpecialTokens = splitsSpecialTokens
        self.tokens = tokens.filter { !$0.content.isEmpty }
        for (index, token) in self.tokens.enumerated() {
            starts[Int(token.content[0])] = true
            trie.insert(token.content, value: index)
        }
    }

    func finds(anyOf ids: Set<TokenID>) -> Bool { tokens.contains { ids.contains($0.id) } }

    /// A stretch of text: one added token, or what lies between.
    enum Segment: Equatable {
        case text(Range<Int>)
        case token(TokenID)
    }

    func segments(of bytes: Span<UInt8>, scope: AddedTokenScope) -> [Segment] {
        if tokens.isEmpty || bytes.isEmpty { return bytes.isEmpty ? [] : [.text(0..<bytes.count)] }
        var segments: [Segment] = []
        var textStart = 0
        var index = 0
        while index < bytes.count {
            guard starts[Int(bytes[index])],
                let (token, end) = longestMatch(in: bytes, at: index, scope: scope)
            else {
                index += 1
                continue
            }
            var match = index..<end
            index = end
            if !allows(token, at: match, in: scope) { continue }
            if token.isSingleWord && !bytes.standsAlone(match) { continue }
            if token.stripsLeft {
                match =
                    bytes.startOfWhitespace(before: match.lowerBound, notBefore: textStart)..<match.upperBound
            }
            if token.stripsRight {
                match = match.lowerBound..<bytes.endOfWhitespace(after: match.upperBound)
            }
            if textStart < match.lowerBound { segments.append(.text(textStart..<match.lowerBound)) }
            segments.append(.token(token.id))
            textStart = match.upperBound
            index = textStart
        }
        if textStart < bytes.count { segments.append(.text(textStart..<bytes.count)) }
        return segments
    }

    private func allows(_ token: AddedToken, at place: Range<Int>, in scope: AddedTokenScope) -> Bool {
        !(splitsSpecialTokens && token.isSpecial) && scope.allows(token, at: place)
    }

    private func longestMatch(
        in bytes: Span<UInt8>, at start: Int, scope: AddedTokenScope
    ) -> (AddedToken, end: Int)? {
        var best: (index: Int, end: Int)?
        trie.forEachPrefix(of: bytes, start..<bytes.count) { end, index in
            if scope.looksInsideRefusals, !allows(tokens[index], at: start..<end, in: scope) { return }
            best = (index, end)
        }
        return best.map { (tokens[$0.index], end: $0.end) }
    }
}

extension Span where Element == UInt8 {
    fileprivate func standsAlone(_ match: Range<Int>) -> Bool {
        let before = lastScalar(before: match.lowerBound, notBefore: 0)
        if let before, ScalarFacts(before.value).isAlphabeticWord { return false }
        if match.upperBound == count { return true }
        return !ScalarFacts(scalar(at: match.upperBound, before: count).value).isAlphabeticWord
    }

    fileprivate func startOfWhitespace(before end: Int, notBefore start: Int) -> Int {
        var index = end
        while let last = lastScalar(before: index, notBefore: start), ScalarFacts(last.value).isWhitespace {
            index -= last.byteCount
        }
        return index
    }

    fileprivate func endOfWhitespace(after start: Int) -> Int {
        var index = start
        while index < count {
            let next = scalar(at: index, before: count)
            guard ScalarFacts(next.value).isWhitespace else { break }
            index += next.byteCount
        }
        return index
    }
}
