import NuthatchTensors

/// SentencePiece's byte-pair encoding: any two neighbours whose text together is a piece may merge, the piece with
/// the best score first (Kudo and Richardson 2018, arXiv:1808.06226; bpe_model.cc).
struct ScoredMerges: Sendable {
    /// The place of each id among the scores, best first; equal scores share one. `UInt32.max`: never merged into.
    private let ranks: [UInt32]
    /// Pieces that take part in merges but not in the output.
    private let isUnused: [Bool]
    /// The id of each byte, where the vocabulary has all.
    private let fallback: [TokenID]?
    private let unknown: TokenID?

    init(scores: [Float], kinds: [TokenKind], fallback: [TokenID]?, unknown: TokenID?) {
        var ranks = [UInt32](repeating: .max, count: scores.count)
        // NaN sorts last, by id, so that the order is total whatever the file says.
        func place(_ id: Int) -> (Float, Int) { (scores[id].isNaN ? -.infinity : scores[id], id) }
        let order = scores.indices.sorted { left, right in
            let (leftScore, rightScore) = (place(left).0, place(right).0)
            return leftScore == rightScore ? left < right : leftScore > rightScore
        }
        var rank: UInt32 = 0
        for (position, id) in order.enumerated() {
            if position > 0, place(order[position - 1]).0 != place(id).0 { rank += 1 }
            switch kinds[id] {
            case .normal, .userDefined, .unused: ranks[id] = rank
            case .unknown, .control, .byte: break
            }
        }
        self.ranks = ranks
        isUnused = kinds.map { $0 == .unused }
        self.fallback = fallback
        self.unknown = unknown
    }

    func encode(
        _ bytes: Span<UInt8>, _ word: Range<Int>, pieces: PieceTable, list: inout SymbolList,
        into ids: inout [TokenID]
    ) {
        list.removeAll()
        var index = word.lowerBound
        while index < word.upperBound {
            let next = index + bytes.scalar(at: index, before: word.upperBound).byteCount
            list.append(
                start: index, byteCount: next - index, id: mergeable(bytes, index..<next, pieces) ?? -1)
            index = next
        }
        list.mergeAll { left, right in
            let start = Int(left.start)
            let end = Int(right.start + right.byteCount)
            guard let id = mergeable(bytes, start..<end, pieces) else { return nil }
            return (ranks[Int(id)], id)
        }
        list.forEach { symbol in
            append(
                bytes, Int(symbol.start)..<Int(symbol.start + symbol.byteCount), symbol.id, pieces, into: &ids
            )
        }
    }

    private func mergeable(_ bytes: Span<UInt8>, _ range: Range<Int>, _ pieces: PieceTable) -> TokenID? {
        guard let id = pieces.id(of: bytes, range), ranks[Int(id)] != .max else { return nil }
        return id
    }

    /// Appends a symbol, or the bytes of one that has no piece of its own.
    private func append(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ id: TokenID, _ pieces: PieceTable,
        into ids: inout [TokenID]
    ) {
        if id >= 0, !isUnused[Int(id)] {
            ids.append(id)
        } else if let fallback {
            for index in range { ids.append(fallback[Int(bytes[index])]) }
        } else if let unknown {
            ids.append(unknown)
        }
    }
}
