import NuthatchCheckpoints
import NuthatchTensors

/// Reads `added_tokens` of a tokenizer.json.
struct AddedTokenReader {
    let file: String

    func read(_ field: JSONField?) throws(TokenizerError) -> [AddedToken] {
        guard let elements = field?.elements else { return [] }
        try VocabularyBuilder.check(elements.count, .pieceCount, file: file, field: "added_tokens")
        var tokens: [AddedToken] = []
        for element in elements {
            let token = try TokenizerError.wrapping { () throws(CheckpointError) in
                (
                    id: try element.integer("id"), content: try element.string("content"),
                    isSpecial: try element.optionalBool("special") ?? false,
                    stripsLeft: try element.optionalBool("lstrip") ?? false,
                    stripsRight: try element.optionalBool("rstrip") ?? false,
                    isSingleWord: try element.optionalBool("single_word") ?? false,
                    isNormalized: try element.optionalBool("normalized") ?? false
                )
            }
            let limit = TokenizerLimit.pieceCount.maximum
            guard (0...limit).contains(token.id) else {
                throw .idOutOfRange(
                    file: file, field: "\(element.path).id", id: token.id, vocabularySize: limit)
            }
            try VocabularyBuilder.check(
                token.content.utf8.count, .addedTokenByteCount, file: file, field: "\(element.path).content")
            tokens.append(
                AddedToken(
                    id: TokenID(token.id), content: Array(token.content.utf8), isSpecial: token.isSpecial,
                    stripsLeft: token.stripsLeft, stripsRight: token.stripsRight,
                    isSingleWord: token.isSingleWord, isNormalized: token.isNormalized))
        }
        return tokens
    }
}
