import NuthatchCheckpoints
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the table of characters that a SentencePiece model has compiled into it; `CharacterMap` has its layout.
struct CharacterMapReader {
    let file: String
    let field: String
    private let data: [UInt8]
    private let matching: CharacterMap.Matching

    /// Reads the table of a GGUF file.
    init(_ data: [UInt8], file: String, field: String) {
        self.file = file
        self.field = field
        self.data = data
        matching = .longest
    }

    /// Reads the table of a normalizer in a tokenizer.json.
    init(_ step: PipelineStep) throws(TokenizerError) {
        file = step.field.file
        field = "\(step.field.path).precompiled_charsmap"
        let text = try step.string("precompiled_charsmap")
        // Foundation reads over padding beyond the two characters of RFC 4648.
        guard !text.hasSuffix("==="), let data = Data(base64Encoded: text) else {
            throw .malformed(file: file, field: field, reason: "is not base64")
        }
        self.data = [UInt8](data)
        matching = .clusters
    }

    func map() throws(TokenizerError) -> CharacterMap {
        try VocabularyBuilder.check(data.count, .characterMapByteCount, file: file, field: field)
        let wordSize = 4
        guard data.count >= wordSize else {
            throw .malformed(file: file, field: field, reason: "has \(Counted.text(data.count, "byte"))")
        }
        let byteCount = Int(word(at: 0))
        guard byteCount > 0, byteCount % wordSize == 0, byteCount <= data.count - wordSize else {
            throw .malformed(
                file: file, field: field,
                reason: "says that \(byteCount) of its \(Counted.text(data.count, "byte")) are a double array"
            )
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
}
