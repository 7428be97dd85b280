import NuthatchCheckpoints
import NuthatchTensors

/// A token as a configuration states it, which gives it no id: a string, or an object as transformers writes its
/// `AddedToken`.
struct ConfiguredToken: Equatable {
    let content: String
    var isSpecial: Bool
    var stripsLeft = false
    var stripsRight = false
    var isSingleWord = false
    /// nil leaves it to the token's kind: text is looked for after normalisation, markup before.
    var isNormalized: Bool?

    init(content: String, isSpecial: Bool, isNormalized: Bool? = nil) {
        self.content = content
        self.isSpecial = isSpecial
        self.isNormalized = isNormalized
    }

    /// - Parameter isSpecial: what an object is that does not say.
    init(_ field: JSONField, isSpecial: Bool = true) throws(TokenizerError) {
        if let text = field.value.string {
            self.init(content: text, isSpecial: true)
        } else {
            guard field["content"]?.value.string != nil else {
                throw .checkpoint(field.wrongType(expected: "a string or an object with content"))
            }
            self = try TokenizerError.wrapping { () throws(CheckpointError) in
                var token = ConfiguredToken(
                    content: try field.string("content"),
                    isSpecial: try field.optionalBool("special") ?? isSpecial)
                token.stripsLeft = try field.optionalBool("lstrip") ?? false
                token.stripsRight = try field.optionalBool("rstrip") ?? false
                token.isSingleWord = try field.optionalBool("single_word") ?? false
                token.isNormalized = try field.optionalBool("normalized")
                return token
            }
        }
        try VocabularyBuilder.check(
            content.utf8.count, .addedTokenByteCount, file: field.file, field: "\(field.path).content")
    }

    /// The token of a key such as `image_token`; nil for what is none: numbers, switches, other objects.
    static func ofOtherName(_ field: JSONField) throws(TokenizerError) -> ConfiguredToken? {
        let isToken = field.value.string != nil || field["__type"]?.value.string == "AddedToken"
        return isToken ? try ConfiguredToken(field) : nil
    }

    init(_ token: AddedToken) {
        self.init(content: token.text, isSpecial: token.isSpecial, isNormalized: token.isNormalized)
        stripsLeft = token.stripsLeft
        stripsRight = token.stripsRight
        isSingleWord = token.isSingleWord
    }

    func added(id: TokenID) -> AddedToken {
        AddedToken(
            id: id, content: Array(content.utf8), isSpecial: isSpecial, stripsLeft: stripsLeft,
            stripsRight: stripsRight, isSingleWord: isSingleWord, isNormalized: isNormalized ?? !isSpecial)
    }

    static func == (left: ConfiguredToken, right: ConfiguredToken) -> Bool {
        left.added(id: 0) == right.added(id: 0)
    }
}
