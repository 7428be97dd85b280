import NuthatchTensors

/// Byte-pair encoding by an ordered list of merge rules (Sennrich et al. 2016, arXiv:1508.07909).
struct RankedMerges: Sendable {
    /// What a word is made of before merging.
    enum Alphabet: Sendable {
        /// The id of each byte, or -1 for the few that some vocabularies lack (SmolLM2 has 235 of 256). Those bytes
        /// become the unknown token where there is one, else nothing, as in `tokenizers` and llama.cpp.
        case bytes([TokenID])
        /// One symbol per scalar; `fallback` has the id of each byte for scalars without a piece.
        case scalars(fallback: [TokenID]?)
    }

    let alphabet: Alphabet
    let rules: MergeTable
    /// Whether text may become an id because it spells its piece, [id]: pieces that the model itself lists. Added tokens are
    /// found before (`AddedTokenMatcher`), or not at all: by their spelling a stranger's text would become markup.
    let isText: [Bool]
    let unknown: TokenID?
    /// Consecutive unknown symbols become one.
    let fusesUnknown: Bool
    /// A word that is a piece becomes it at once, whatever the rules say (Llama 3).
    let wholeWordsFirst: Bool
    /// The spelling of pieces, where words are bytes and pieces are not.
    let byteAlphabet: ByteAlphabet?

    func encode(
        _ bytes: Span<UInt8>, _ word: Range<Int>, pieces: PieceTable, list: inout SymbolList,
        into ids: inout [TokenID]
    ) {
        if wholeWordsFirst, let id = wholeWord(bytes, word, pieces) {
            ids.append(id)
            return
        }
        list.removeAll()
        switch alphabet {
        case .bytes(let byteIDs): append(bytes, word, byteIDs, to: &list)
        case .scalars(let fallback): append(bytes, word, pieces, fallback, to: &list)
        }
        list.mergeAll { left, right in
            guard let (rank, result) = rules[UInt32(bitPattern: left.id), UInt32(bitPattern: right.id)] else {
                return nil
            }
            return (rank, TokenID(bitPattern: result))
        }
        list.forEach { ids.append($0.id) }
    }

    private func wholeWord(_ bytes: Span<UInt8>, _ word: Range<Int>, _ pieces: PieceTable) -> TokenID? {
        guard let byteAlphabet else { return text(pieces.id(of: bytes, word)) }
        // A spelling is never shorter than what it spells.
        if word.count > pieces.longestPiece { return nil }
        var spelling: [UInt8] = []
        spelling.reserveCapacity(2 * word.count)
        for index in word { byteAlphabet.spell(bytes[index], into: &spelling) }
        return text(pieces.id(of: spelling))
    }

    private func text(_ id: TokenID?) -> TokenID? {
        guard let id, isText[Int(id)] else { return nil }
        return id
    }

    private func append(
        _ bytes: Span<UInt8>, _ word: Range<Int>, _ byteIDs: [TokenID], to list: inout SymbolList
    ) {
        var run = UnknownRun(id: unknown, isFused: fusesUnknown)
        for index in word {
            let id = byteIDs[Int(bytes[index])]
            if id >= 0 {
                run.flush(into: &list)
                list.append(start: index, byteCount: 1, id: id)
            } else {
                run.add(start: index, byteCount: 1, to: &list)
            }
        }
        run.flush(into: &list)
    }

    private func append(
        _ bytes: Span<UInt8>, _ word: Range<Int>, _ pieces: PieceTable, _ fallback: [TokenID]?,
        to list: inout SymbolList
    ) {
        var run = UnknownRun(id: unknown, isFused: fusesUnknown)
        var index = word.lowerBound
        while index < word.upperBound {
            let next = index + bytes.scalar(at: index, before: word.upperBound).byteCount
            if let id = text(pieces.id(of: bytes, index..<next)) {
                run.flush(into: &list)
                list.append(start: index, byteCount: next - index, id: id)
            } else if let fallback {
                for byte in index..<next {
                    list.append(start: byte, byteCount: 1, id: fallback[Int(bytes[byte])])
                }
            } else {
                run.add(start: index, byteCount: next - index, to: &list)
            }
            index = next
        }
        run.flush(into: &list)
    }

    /// Text without a piece, gathered until something known follows.
    private struct UnknownRun {
        let id: TokenID?
        let isFused: Bool
        private var start = 0
        private var byteCount = 0

        init(id: TokenID?, isFused: Bool) {
            self.id = id
            self.isFused = isFused
        }

        mutating func add(start: Int, byteCount: Int, to list: inout SymbolList) {
            if !isFused { flush(into: &list) }
            if self.byteCount == 0 { self.start = start }
            self.byteCount += byteCount
        }

        mutating func flush(into list: inout SymbolList) {
            if byteCount > 0, let id { list.append(start: start, byteCount: byteCount, id: id) }
            byteCount = 0
        }
    }
}
