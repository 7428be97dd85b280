/// From pieces as spelled in a vocabulary to the bytes they stand for.
enum PieceDecoding {
    /// The bytes of each id: `body` gets the id and its piece, and appends.
    static func decode(
        _ pieces: PieceTable, _ body: (Int, ArraySlice<UInt8>, inout [UInt8]) -> Void
    ) -> PackedBytes {
        var decoded = PackedBytes()
        decoded.reserve(count: pieces.count, byteCount: pieces.pieces.storage.count)
        var bytes: [UInt8] = []
        for id in 0..<pieces.count {
            bytes.removeAll(keepingCapacity: true)
            body(id, pieces.pieces[id], &bytes)
            decoded.append(bytes)
        }
        return decoded
    }

    static func append(_ piece: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: piece)
    }

    static func append(
        _ piece: ArraySlice<UInt8>, replacing pattern: [UInt8], with replacement: [UInt8],
        to bytes: inout [UInt8]
    ) {
        guard let first = pattern.first else { return append(piece, to: &bytes) }
        var rest = piece
        while let place = rest.firstIndex(of: first) {
            bytes.append(contentsOf: rest[..<place])
            rest = rest[place...]
            if rest.starts(with: pattern) {
                bytes.append(contentsOf: replacement)
                rest = rest.dropFirst(pattern.count)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        bytes.append(contentsOf: rest)
    }
}
