public import NuthatchTensors

/// Decodes ids one at a time, giving out text as soon as it is whole.
///
/// A character may be spread over several ids: its bytes are held back until the last one. The pieces of text and
/// `finish()` concatenate to what `Tokenizer.decode` gives for all ids together.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var isAtStart = true
    /// The beginning of a character, at most three bytes.
    private var pending: [UInt8] = []

    /// Makes a decoder for one stream of ids.
    public init(_ tokenizer: Tokenizer, skipsSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        self.skipsSpecialTokens = skipsSpecialTokens
    }

    /// The text that is whole now that `id` is there; often one word, sometimes nothing.
    public mutating func append(_ id: TokenID) -> String { append(id, bytes: tokenizer.bytes(of: id)) }

    /// As `append(_:)`, where the bytes that the tokenizer has for the id are known.
    package mutating func append(_ id: TokenID, bytes piece: [UInt8]) -> String {
        var bytes = pending
        if !isSkipped(id) { append(piece, to: &bytes) }
        let whole = bytes.count - Self.tornByteCount(bytes)
        pending = Array(bytes[whole...])
        return String(decoding: bytes[..<whole], as: UTF8.self)
    }

    /// What is left: U+FFFD if the stream ended within a character, else nothing.
    public mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Appends the bytes of the next id of the stream.
    mutating func appendBytes(of id: TokenID, to bytes: inout [UInt8]) {
        if !isSkipped(id) { append(tokenizer.definition.decoding.bytes[Int(id)], to: &bytes) }
    }

    /// Whether an id stands for no text: it is outside the vocabulary, or markup that is left out.
    private func isSkipped(_ id: TokenID) -> Bool {
        !(0..<tokenizer.vocabularySize).contains(Int(id)) || skipsSpecialTokens && tokenizer.isSpecial(id)
    }

    private mutating func append(_ piece: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let space = UInt8(ascii: " ")
        switch (tokenizer.definition.decoding.leadingSpace, isAtStart) {
        case (.kept, _), (_, false):
            bytes.append(contentsOf: piece)
        case (.firstDropped, true):
            // A piece without bytes leaves the next one at the start.
            if piece.isEmpty { return }
            bytes.append(contentsOf: piece.first == space ? piece.dropFirst() : piece[...])
        case (.marksOfFirstPieceDropped, true):
            // The marks are the piece's only spaces.
            bytes.append(contentsOf: piece.filter { $0 != space })
        }
        isAtStart = false
    }

    /// How many bytes at the end begin a character that more bytes could complete.
    private static func tornByteCount(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let tail = bytes[(bytes.count - count)...]
            let lead = tail[tail.startIndex]
            if lead & 0xc0 == 0x80 { continue }
            return canContinue(tail) ? count : 0
        }
        return 0
    }

    /// Whether these bytes are a proper beginning of a valid sequence (Unicode 16, table 3-7).
    private static func canContinue(_ bytes: ArraySlice<UInt8>) -> Bool {
        let lead = bytes[bytes.startIndex]
        let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
        guard (0xc2...0xf4).contains(lead), bytes.count < length else { return false }
        guard let second = bytes.dropFirst().first else { return true }
        switch lead {
        case 0xe0: return second >= 0xa0
        case 0xed: return second < 0xa0
        case 0xf0: return second >= 0x90
        case 0xf4: return second < 0x90
        default: return true
        }
    }
}
