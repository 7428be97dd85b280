/// The stages of encoding one by one, for those who want to see why a text became what it did.
extension Tokenizer {
    /// What normalisation makes of a stretch of text without added tokens.
    package func normalized(_ bytes: [UInt8]) throws(TokenizerError) -> [UInt8] {
        var result = bytes
        for normalizer in definition.normalizers { result = try normalizer.apply(to: result) }
        return result
    }

    /// What normalisation makes of a stretch of text, and of the ranges in which markup may be found.
    func normalized(
        _ bytes: [UInt8], scope: AddedTokenScope
    ) throws(TokenizerError) -> ([UInt8], AddedTokenScope) {
        guard case .markup(let markup, var ranges) = scope, !definition.normalizers.isEmpty else {
            return (try normalized(bytes), scope)
        }
        // Ranges matter only where some markup is looked for after normalisation.
        guard normalizedMatcher.finds(anyOf: markup) else {
            return (try normalized(bytes), .markup(markup, within: []))
        }
        var text = bytes
        for normalizer in definition.normalizers {
            let next = try normalizer.apply(to: text)
            ranges = try normalizer.moved(ranges, from: text, to: next)
            text = next
        }
        return (text, .markup(markup, within: ranges))
    }

    /// The words that merges stay within, of a whole text without added tokens.
    package func words(of bytes: [UInt8]) throws(TokenizerError) -> [[UInt8]] {
        let text = try split(try normalized(bytes), startsText: true)
        return text.words.map { Array(text.bytes[$0]) }
    }

    func split(_ bytes: [UInt8], startsText: Bool) throws(TokenizerError) -> WordText {
        var text = WordText(bytes, startsText: startsText)
        for step in definition.preTokenizers { try step.apply(to: &text) }
        return text
    }
}
