import NuthatchCheckpoints
import NuthatchTensors

/// The vocabulary of a tokenizer.json: `model.vocab` and the added tokens beyond it, in the order of their ids.
struct TokenizerJSONVocabulary {
    let pieces: PieceTable
    let kinds: [TokenKind]
    /// Whether text may become an id by its spelling, [id]: what the model lists, markup left out. (A single character that a
    /// file makes special, such as "!" for padding, is a character still.)
    let isText: [Bool]

    private static let field = "model.vocab"

    /// Reads the vocabulary of a model that lists pieces with their ids.
    init(model: JSONField, added: [AddedToken]) throws(TokenizerError) {
        guard let object = model["vocab"]?.value.object else {
            throw .malformed(file: model.file, field: Self.field, reason: "is not an object")
        }
        try self.init(
            try Self.spellingsByID(object, file: model.file), added, model: model)
    }

    /// - Parameter listed: the model's pieces, by id.
    init(_ listed: [String], _ added: [AddedToken], model: JSONField) throws(TokenizerError) {
        let file = model.file
        let field = Self.field
        let spellings = try Self.adding(added, to: listed, file: file)
        var byteCount = 0
        for spelling in spellings { byteCount += spelling.utf8.count }
        try VocabularyBuilder.check(byteCount, .pieceByteCount, file: file, field: field)
        var packed = PackedBytes()
        packed.reserve(count: spellings.count, byteCount: byteCount)
        for spelling in spellings { packed.append(spelling.utf8) }
        pieces = try VocabularyBuilder(file: file, field: field).table(packed)

        var kinds = [TokenKind](repeating: .normal, count: spellings.count)
        if model["byte_fallback"]?.value.bool == true {
            for id in VocabularyBuilder.byteFallback(pieces) ?? [] { kinds[Int(id)] = .byte }
        }
        for token in added { kinds[Int(token.id)] = token.isSpecial ? .control : .userDefined }
        self.kinds = kinds
        isText = kinds.indices.map { id in
            listed.indices.contains(id) && !listed[id].isEmpty
                && (kinds[id] != .control || listed[id].unicodeScalars.count == 1)
        }
    }

    /// Empty strings are ids that nothing has.
    private static func spellingsByID(
        _ object: JSONObject, file: String
    ) throws(TokenizerError) -> [String] {
        var highest = -1
        for member in object {
            guard let id = member.value.integer, id >= 0 else {
                throw .malformed(
                    file: file, field: "\(field)[\"\(member.key.prefix(80))\"]", reason: "is not an id")
            }
            highest = max(highest, id)
        }
        try VocabularyBuilder.check(highest, .pieceCount, file: file, field: "the highest id of \(field)")
        var spellings = [String](repeating: "", count: highest + 1)
        for member in object {
            guard let id = member.value.integer else { continue }
            guard spellings[id].isEmpty else {
                throw .malformed(
                    file: file, field: field,
                    reason:
                        "gives id \(id) to both \"\(spellings[id].prefix(80))\" and \"\(member.key.prefix(80))\""
                )
            }
            spellings[id] = member.key
        }
        return spellings
    }

    /// The added tokens too, whose ids have been checked.
    private static func adding(
        _ added: [AddedToken], to listed: [String], file: String
    ) throws(TokenizerError) -> [String] {
        var spellings = listed
        let count = (added.map { Int($0.id) }.max() ?? -1) + 1
        if count > spellings.count {
            spellings += Array(repeating: "", count: count - spellings.count)
        }
        for token in added {
            let content = String(decoding: token.content, as: UTF8.self)
            let existing = spellings[Int(token.id)]
            guard existing.isEmpty || existing.hasSameBytes(as: content) else {
                throw .malformed(
                    file: file, field: "added_tokens",
                    reason:
                        "gives id \(token.id) to \"\(content.prefix(80))\", but it is \"\(existing.prefix(80))\""
                )
            }
            spellings[Int(token.id)] = content
        }
        return spellings
    }
}
