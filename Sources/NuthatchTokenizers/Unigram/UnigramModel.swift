import NuthatchTensors

/// Segmentation by a unigram language model: of all ways to cut a word into pieces the one whose log probabilities sum
/// highest (Kudo 2018, arXiv:1804.10959; SentencePiece's unigram_model.cc).
///
/// A character that is no piece is unknown, at a price below any piece's; neighbours among them become one id, or the
/// bytes they are where the vocabulary has those. Markup is no piece: it is found before (`AddedTokenMatcher`) or, as in
/// SentencePiece, not at all. O(bytes x longest piece).
struct UnigramModel: Sendable {
    /// Pieces that may be cut, to their ids.
    private let trie: ByteTrie
    /// Log probabilities, [id].
    private let scores: [Double]
    private let unknownScore: Double
    private let unknown: TokenID?
    /// The id of each byte, where the vocabulary has all and may use them.
    private let fallback: [TokenID]?

    /// How much less probable an unknown character is than the least probable piece; SentencePiece's constant.
    private static let unknownPenalty = 10.0

    /// - Parameters:
    ///   - scores: finite, [id]; ids beyond have no piece to cut.
    ///   - leastScore: of those that count, on which the price of the unknown is built.
    init(
        pieces: PieceTable, kinds: [TokenKind], scores: [Double], leastScore: Double, unknown: TokenID?,
        fallback: [TokenID]?
    ) {
        var trie = ByteTrie()
        for id in scores.indices where Self.isSearched(kinds[id]) && Int32(id) != unknown {
            trie.insert(pieces.pieces[id], value: id)
        }
        self.trie = trie
        self.scores = scores
        self.unknown = unknown
        self.fallback = fallback
        unknownScore = leastScore - Self.unknownPenalty
    }

    static func isSearched(_ kind: TokenKind) -> Bool {
        switch kind {
        case .normal, .userDefined: true
        // Text that spells a byte's piece is text.
        case .unknown, .control, .unused, .byte: false
        }
    }

    func encode(
        _ bytes: Span<UInt8>, _ word: Range<Int>, path: inout UnigramPath, into ids: inout [TokenID]
    ) {
        path.begin(byteCount: word.count)
        var start = word.lowerBound
        while start < word.upperBound {
            let next = start + bytes.scalar(at: start, before: word.upperBound).byteCount
            var isKnown = false
            trie.forEachPrefix(of: bytes, start..<word.upperBound) { end, id in
                path.offer(
                    TokenID(truncatingIfNeeded: id), score: scores[id], from: start - word.lowerBound,
                    to: end - word.lowerBound)
                if end == next { isKnown = true }
            }
            if !isKnown {
                path.offer(
                    -1, score: unknownScore, from: start - word.lowerBound, to: next - word.lowerBound)
            }
            start = next
        }
        appendBackwards(bytes, word, path, to: &ids)
    }

    /// From the word's end to its beginning, then turned round.
    private func appendBackwards(
        _ bytes: Span<UInt8>, _ word: Range<Int>, _ path: UnigramPath, to ids: inout [TokenID]
    ) {
        let first = ids.count
        var end = word.count
        while end > 0 {
            let step = path[end]
            var start = Int(step.start)
            if step.id >= 0 {
                ids.append(step.id)
            } else {
                while start > 0, path[start].id < 0 { start = Int(path[start].start) }
                if let fallback {
                    for index in (word.lowerBound + start..<word.lowerBound + end).reversed() {
                        ids.append(fallback[Int(bytes[index])])
                    }
                } else if let unknown {
                    ids.append(unknown)
                }
            }
            end = start
        }
        ids[first...].reverse()
    }
}
