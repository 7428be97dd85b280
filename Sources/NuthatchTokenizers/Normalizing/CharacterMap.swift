/// What a SentencePiece model makes of characters before it cuts them: NFKC and more, as a table compiled into the
/// model (`precompiled_charsmap`).
///
///     +---------------------+------------------------------+--------------------------+
///     | UInt32: its bytes   | units of a double array      | texts, each ended by a 0 |
///     +---------------------+------------------------------+--------------------------+
///
/// The double array (Aoe 1989; the layout is Darts-clone's) leads from the bytes of what is replaced to a place among
/// the texts. Everything in it is a stranger's: no step leaves the arrays.
struct CharacterMap: Sendable, Equatable {
    /// What is looked up as one.
    enum Matching: Sendable, Equatable {
        /// The longest entry from each character on: SentencePiece.
        case longest
        /// `tokenizers` looks up grapheme clusters of at most five bytes, of which it takes the shortest entry that they
        /// begin with for the whole, then single characters.
        case clusters
    }

    private let matching: Matching
    private let units: [UInt32]
    private let texts: [UInt8]

    /// Bytes of a text, as it was and as it becomes.
    private static let limit = TokenizerLimit.inputByteCount

    /// Bytes of the longest cluster that is looked up whole.
    private static let longestCluster = 5

    init(matching: Matching, units: [UInt32], texts: [UInt8]) {
        self.matching = matching
        self.units = units
        self.texts = texts
    }

    /// - Throws: `TokenizerError.inputTooLong` for a text that becomes longer than one may be.
    func apply(to bytes: [UInt8]) throws(TokenizerError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        var start = 0
        while start < bytes.count {
            switch matching {
            case .longest: start = replaceLongest(bytes.span, start, into: &result)
            case .clusters: start = replaceClusters(bytes, start, into: &result)
            }
            let limit = Self.limit
            if result.count > limit.maximum {
                throw .inputTooLong(byteCount: result.count, limit: limit)
            }
        }
        return result
    }

    /// - Returns: where what follows begins.
    private func replaceLongest(_ bytes: Span<UInt8>, _ start: Int, into result: inout [UInt8]) -> Int {
        var longest: (end: Int, place: Int)?
        forEachEntry(bytes, start..<bytes.count) { end, place in
            longest = (end, place)
            return true
        }
        if let longest {
            append(longest.place, to: &result)
            return longest.end
        }
        let end = start + bytes.scalar(at: start, before: bytes.count).byteCount
        for index in start..<end { result.append(bytes[index]) }
        return end
    }

    /// Replaces at least one cluster, and as many as stand together before two ASCII characters, which are never one
    /// cluster but for a line's end.
    private func replaceClusters(_ bytes: [UInt8], _ start: Int, into result: inout [UInt8]) -> Int {
        var end = start + 1
        while end < bytes.count, !Self.isBorder(bytes[end - 1], bytes[end]) { end += 1 }
        if end == start + 1 {
            replaceCluster(bytes.span, start..<end, into: &result)
            return end
        }
        // Clusters are of valid text; a byte that is none stands alone.
        var index = start
        while index < end {
            let valid = Self.validPrefix(bytes.span, index..<end)
            var cluster = index
            for character in String(decoding: bytes[index..<valid], as: UTF8.self) {
                let next = cluster + character.utf8.count
                replaceCluster(bytes.span, cluster..<next, into: &result)
                cluster = next
            }
            index = valid
            if index < end {
                result.append(bytes[index])
                index += 1
            }
        }
        return end
    }

    private static func isBorder(_ left: UInt8, _ right: UInt8) -> Bool {
        left < 0x80 && right < 0x80 && !(left == 0x0d && right == 0x0a)
    }

    /// Where the first byte is that belongs to no character.
    private static func validPrefix(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            let length = bytes.scalar(at: index, before: range.upperBound).byteCount
            if length == 1, bytes[index] >= 0x80 { break }
            index += length
        }
        return index
    }

    private func replaceCluster(_ bytes: Span<UInt8>, _ cluster: Range<Int>, into result: inout [UInt8]) {
        if cluster.count <= Self.longestCluster, let place = firstEntry(bytes, cluster) {
            return append(place, to: &result)
        }
        var index = cluster.lowerBound
        while index < cluster.upperBound {
            let next = index + bytes.scalar(at: index, before: cluster.upperBound).byteCount
            if let place = firstEntry(bytes, index..<next) {
                append(place, to: &result)
            } else {
                for index in index..<next { result.append(bytes[index]) }
            }
            index = next
        }
    }

    private func firstEntry(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var first: Int?
        forEachEntry(bytes, range) { _, place in
            first = place
            return false
        }
        return first
    }

    /// Appends a text, but nothing to a result that is too long already.
    private func append(_ place: Int, to result: inout [UInt8]) {
        var index = place
        while index < texts.count, texts[index] != 0, result.count <= Self.limit.maximum {
            result.append(texts[index])
            index += 1
        }
    }

    /// Walks the double array along the bytes of `range`; `body` gets the end of each entry and the place of its text,
    /// and says whether to go on.
    ///
    /// A unit: bits 0 to 7 and 31 the byte it is reached by (31 is set in leaves), bit 8 whether a leaf hangs on it, bits
    /// 10 to 30 where its children are, eight bits further up where bit 9 is set. A leaf's lower 31 bits are its value.
    private func forEachEntry(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ body: (_ end: Int, _ place: Int) -> Bool
    ) {
        var node = 0
        guard var unit = units.first else { return }
        node ^= Self.offset(unit)
        for index in range {
            let byte = bytes[index]
            node ^= Int(byte)
            guard byte != 0, node < units.count else { return }
            unit = units[node]
            guard unit & 0x8000_00ff == UInt32(byte) else { return }
            node ^= Self.offset(unit)
            guard unit & 0x100 != 0 else { continue }
            guard node < units.count, body(index + 1, Int(units[node] & 0x7fff_ffff)) else { return }
        }
    }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
