import NuthatchCheckpoints

/// Reads the table of characters that a SentencePiece model has compiled into it; `CharacterMap` has its layout.
struct CharacterMapReader {
    let file: String
    let field: String
    private let data: [UInt8]
    private let matching: CharacterMap.Matching

    /// Of a GGUF file.
    init(_ data: [UInt8], file: String, field: String) {
        self.file = file
        self.field = field
        self.data = data
        matching = .longest
    }

    /// Of a normalizer in a tokenizer.json.
    init(_ step: PipelineStep) throws(TokenizerError) {
        file = step.field.file
        field = "\(step.field.path).precompiled_charsmap"
        guard let data = Self.decode(base64: try step.string("precompiled_charsmap")) else {
            throw .malformed(file: file, field: field, reason: "is not base64")
        }
        self.data = data
        matching = .clusters
    }

    func map() throws(TokenizerError) -> CharacterMap {
        try VocabularyBuilder.check(data.count, .characterMapByteCount, file: file, field: field)
        let wordSize = 4
        guard data.count >= wordSize else {
            throw .malformed(file: file, field: field, reason: "has \(data.count) bytes")
        }
        let byteCount = Int(word(at: 0))
        guard byteCount > 0, byteCount % wordSize == 0, byteCount <= data.count - wordSize else {
            throw .malformed(
                file: file, field: field,
                reason: "says that \(byteCount) of its \(data.count) bytes are a double array")
        }
        let texts = Array(data[(wordSize + byteCount)...])
        for text in texts.split(separator: 0) {
            try VocabularyBuilder.check(
                text.count, .replacementByteCount, file: file, field: "a replacement in \(field)")
        }
        return CharacterMap(
            matching: matching,
            units: stride(from: wordSize, to: wordSize + byteCount, by: wordSize).map(word), texts: texts)
    }

    /// Little endian.
    private func word(at index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(data[index + $1]) << UInt32(8 * $1) }
    }

    /// RFC 4648, with its padding; nil for anything else.
    private static func decode(base64 text: String) -> [UInt8]? {
        var values = [Int8](repeating: -1, count: 256)
        for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
            .enumerated()
        {
            values[Int(digit)] = Int8(value)
        }
        var digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in digits {
            guard values[Int(digit)] >= 0 else { return nil }
            bits = bits << 6 | UInt32(values[Int(digit)])
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        return bytes
    }
}
