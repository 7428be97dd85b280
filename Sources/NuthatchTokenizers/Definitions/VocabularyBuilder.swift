import NuthatchTensors

/// The checks and tables that both file formats share; `file` and `field` are for messages.
struct VocabularyBuilder {
    let file: String
    let field: String

    func table(_ pieces: PackedBytes) throws(TokenizerError) -> PieceTable {
        do {
            return try PieceTable(pieces)
        } catch {
            throw .duplicatePiece(
                file: file, field: field, piece: String(decoding: pieces[error.first], as: UTF8.self),
                first: error.first, second: error.second)
        }
    }

    static func check(
        _ value: Int, _ limit: TokenizerLimit, file: String, field: String
    ) throws(TokenizerError) {
        if value > limit.maximum { throw .overLimit(file: file, field: field, value: value, limit: limit) }
    }

    /// The id of each `<0x00>` to `<0xFF>`, where the vocabulary has all of them.
    static func byteFallback(_ pieces: PieceTable) -> [TokenID]? {
        let digits = Array("0123456789ABCDEF".utf8)
        var ids: [TokenID] = []
        for byte in 0..<256 {
            let spelling = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8)
            guard let id = pieces.id(of: spelling) else { return nil }
            ids.append(id)
        }
        return ids
    }

    /// The id of the piece that spells each byte, or -1.
    ///
    /// - Parameter isText: whether text may become an id by its spelling, [id].
    static func byteIDs(_ pieces: PieceTable, _ alphabet: ByteAlphabet, isText: [Bool]) -> [TokenID] {
        (0...255).map { byte in
            let id = pieces.id(of: alphabet.spelling(of: CollectionOfOne(UInt8(byte))))
            return id.flatMap { isText[Int($0)] ? $0 : nil } ?? -1
        }
    }

    /// Refuses a vocabulary that has no piece for a byte that texts are made of, where there is no unknown token either: what
    /// has it would be left out of the text.
    ///
    /// Texts are made of printable ASCII, tabs and line ends, and of the bytes of longer characters. Lead bytes of planes
    /// without characters (F1, F2) and control characters are missing from published vocabularies (SmolLM2's).
    ///
    /// - Parameter byteIDs: the id of each byte, or -1.
    func checkBytes(_ byteIDs: [TokenID], unknown: TokenID?) throws(TokenizerError) {
        guard unknown == nil else { return }
        for (byte, id) in byteIDs.enumerated() where id < 0 {
            switch byte {
            case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x80...0xBF, 0xC2...0xF0, 0xF3, 0xF4:
                throw .malformed(
                    file: file, field: field,
                    reason:
                        "has no piece for the byte 0x\(Hexadecimal.text(UInt8(byte), uppercase: true)), and there is "
                        + "no unknown token")
            default: continue
            }
        }
    }

    /// Whether texts may be cut before each mark that follows something else: "▁" is a piece, and none that merges can
    /// make has it after anything but itself.
    static func mayCutBeforeMarks(_ mark: [UInt8], _ pieces: PieceTable, _ kinds: [TokenKind]) -> Bool {
        if pieces.id(of: mark) == nil { return false }
        var marks: [Range<Int>] = []
        let bytes = pieces.pieces.storage.span
        for id in 0..<pieces.count
        where kinds[id] == .normal || kinds[id] == .unused || kinds[id] == .userDefined {
            let piece = pieces.pieces.range(of: id)
            marks.removeAll(keepingCapacity: true)
            SplitPattern.find(mark, in: bytes, piece, into: &marks)
            var previousEnd = piece.lowerBound
            for mark in marks {
                if mark.lowerBound > previousEnd { return false }
                previousEnd = mark.upperBound
            }
        }
        return true
    }
}
