package import NuthatchCheckpoints
package import NuthatchTensors

/// What can be wrong with a tokenizer's files or with the text given to it. `file` is the path as opened.
package enum TokenizerError: Error, Equatable {
    /// The file cannot be read, lacks a field or has it in another type.
    case checkpoint(CheckpointError)
    /// The directory has no tokenizer.json, but perhaps models that SentencePiece wrote.
    case noTokenizer(directory: String, others: [String])
    /// A field has a value that it cannot have.
    case malformed(file: String, field: String, reason: String)
    /// A field names something that Nuthatch does not read.
    case unsupported(file: String, field: String, value: String, supported: String)
    /// A count or size in the file is over a named limit.
    case overLimit(file: String, field: String, value: Int, limit: TokenizerLimit)
    /// Two ids have the same piece.
    case duplicatePiece(file: String, field: String, piece: String, first: Int, second: Int)
    /// A merge rule or a template names a piece that the vocabulary does not have.
    case unknownPiece(file: String, field: String, piece: String)
    /// An id points outside the vocabulary.
    case idOutOfRange(file: String, field: String, id: Int, vocabularySize: Int)
    /// The tokenizer has more pieces than the model has ids, or far fewer.
    case vocabularyMismatch(file: String, pieceCount: Int, tokenCount: Int)
    /// GGUF can't say the tokenizer.
    case notWritable(file: String, reason: String)
    /// A splitting pattern uses a construct outside the supported subset.
    case unsupportedPattern(file: String, field: String, pattern: String, reason: String)
    /// A splitting pattern needs more than linear time on this text.
    case patternTooCostly(pattern: String, limit: TokenizerLimit)
    /// The text is longer than one call accepts.
    case inputTooLong(byteCount: Int, limit: TokenizerLimit)
}

extension TokenizerError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .checkpoint(let error): error.code
        case .noTokenizer: .unavailable
        default: .badData
        }
    }

    package var message: String {
        switch self {
        case .checkpoint(let error):
            error.message
        case .noTokenizer(let directory, let others):
            others.isEmpty
                ? "\(directory): there is no tokenizer.json."
                : "\(directory): there is no tokenizer.json; \(others.joined(separator: " and ")) hold what "
                    + "SentencePiece wrote, which Nuthatch does not read."
        case .malformed(let file, let field, let reason):
            "\(file): \(field) \(reason)."
        case .unsupported(let file, let field, let value, let supported):
            "\(file): \(field) is \"\(Self.excerpt(value))\", which is not supported (supported: \(supported))."
        case .overLimit(let file, let field, let value, let limit):
            "\(file): \(field) is \(value), over the limit of \(limit.maximum) \(limit.quantity)."
        case .duplicatePiece(let file, let field, let piece, let first, let second):
            "\(file): \(field) has the piece \"\(Self.excerpt(piece))\" twice, as ids \(first) and \(second)."
        case .unknownPiece(let file, let field, let piece):
            "\(file): \(field) names \"\(Self.excerpt(piece))\", which is not in the vocabulary."
        case .idOutOfRange(let file, let field, let id, let vocabularySize):
            "\(file): \(field) is id \(id), outside the vocabulary of \(Counted.text(vocabularySize, "piece"))."
        case .vocabularyMismatch(let file, let pieceCount, let tokenCount):
            "\(file): the tokenizer has \(Counted.text(pieceCount, "piece")) and the model \(Counted.text(tokenCount, "id")), "
                + "so it is another model's."
        case .notWritable(let file, let reason):
            "\(file): the tokenizer can't be written as GGUF: \(reason)."
        case .unsupportedPattern(let file, let field, let pattern, let reason):
            "\(file): \(field) is the pattern \"\(Self.excerpt(pattern))\": \(reason)."
        case .patternTooCostly(let pattern, let limit):
            "The pattern \"\(Self.excerpt(pattern))\" passed the limit of \(limit.maximum) \(limit.quantity)"
                + " on this text."
        case .inputTooLong(let byteCount, let limit):
            "The text has \(ByteQuantity.text(byteCount)), over the limit of \(ByteQuantity.text(limit.maximum))."
        }
    }

    package var remedy: String? {
        switch self {
        case .checkpoint(let error):
            error.remedy
        case .noTokenizer:
            "Put the model's tokenizer.json beside its config.json, or use the model's GGUF file."
        case .malformed, .overLimit, .duplicatePiece, .unknownPiece, .idOutOfRange:
            "The file is damaged or was written by a faulty converter: fetch or convert it again."
        case .vocabularyMismatch:
            "Fetch the tokenizer that belongs to the model."
        case .notWritable:
            "Byte-level BPE with a known pre-tokenizer and SentencePiece BPE with byte pieces can be written."
        case .unsupported:
            "Use a model with a byte-level BPE, SentencePiece BPE or Unigram tokenizer."
        case .unsupportedPattern:
            "Supported are literals, classes, \\p{L} and the other general categories, \\s \\d \\w, groups, "
                + "alternation, greedy and lazy quantifiers, (?i:...), ^, $ and lookahead of one character."
        case .patternTooCostly, .inputTooLong:
            "Give the text in shorter parts."
        }
    }

    /// Enough of a hostile piece or pattern to find it, never megabytes of it.
    private static func excerpt(_ text: String) -> String {
        let longest = 160
        return text.unicodeScalars.count <= longest ? text : "\(text.unicodeScalars.prefix(longest))…"
    }
}

extension TokenizerError {
    /// Runs what reads a file, and passes its errors on as this room's.
    static func wrapping<Value>(
        _ read: () throws(CheckpointError) -> Value
    ) throws(TokenizerError) -> Value {
        do {
            return try read()
        } catch {
            throw .checkpoint(error)
        }
    }
}
