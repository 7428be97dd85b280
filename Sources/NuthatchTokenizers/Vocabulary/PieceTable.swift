import NuthatchTensors

/// The vocabulary: the piece of an id and the id of a piece.
///
/// Open addressing with linear probing over UTF-8 bytes, at most half full, so a lookup compares one or two pieces
/// and allocates nothing. An id may have no piece (a gap in tokenizer.json's ids); its bytes are empty and it is in
/// no slot.
struct PieceTable: Sendable {
    private(set) var pieces: PackedBytes
    /// Bytes of the longest piece: no longer text can be one.
    private(set) var longestPiece = 0
    /// -1, or the id whose piece hashes here.
    private var slots: [Int32]
    private let hash = FlatHash()

    var count: Int { pieces.count }

    /// The first two ids that share a piece.
    struct Duplicate: Error {
        let first: Int
        let second: Int
    }

    /// Indexes pieces that lie in id order; empty ones are gaps.
    init(_ pieces: PackedBytes) throws(Duplicate) {
        self.pieces = pieces
        var capacity = 16
        while capacity < pieces.count * 2 { capacity *= 2 }
        slots = [Int32](repeating: -1, count: capacity)
        for id in 0..<pieces.count {
            let range = pieces.range(of: id)
            if range.isEmpty { continue }
            longestPiece = max(longestPiece, range.count)
            let slot = slot(of: pieces.storage.span, range)
            guard slots[slot] < 0 else { throw Duplicate(first: Int(slots[slot]), second: id) }
            slots[slot] = Int32(truncatingIfNeeded: id)
        }
    }

    /// The slot that holds this text, or the empty one where it would go.
    @inline(__always)
    private func slot(of bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        let mask = slots.count - 1
        var slot = hash(bytes, range) & mask
        while true {
            let id = Int(slots[slot])
            if id < 0 || isEqual(pieces.range(of: id), to: bytes, range) { return slot }
            slot = (slot + 1) & mask
        }
    }

    @inline(__always)
    private func isEqual(_ own: Range<Int>, to bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard own.count == range.count else { return false }
        for offset in 0..<own.count
        where pieces.storage[own.lowerBound + offset] != bytes[range.lowerBound + offset] {
            return false
        }
        return true
    }

    @inline(__always)
    func id(of bytes: Span<UInt8>, _ range: Range<Int>) -> TokenID? {
        if range.isEmpty || range.count > longestPiece { return nil }
        let id = slots[slot(of: bytes, range)]
        return id < 0 ? nil : id
    }

    func id(of bytes: [UInt8]) -> TokenID? { id(of: bytes.span, 0..<bytes.count) }

    func id(of piece: String) -> TokenID? { id(of: Array(piece.utf8)) }

    /// The piece as text; pieces of damaged vocabularies may be invalid UTF-8, which is repaired.
    func text(of id: Int) -> String { String(decoding: pieces[id], as: UTF8.self) }
}
