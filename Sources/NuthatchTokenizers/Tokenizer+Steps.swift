/// The stages of encoding one by one, for those who want to see why a text became what it did.
extension Tokenizer {
    /// What normalisation makes of a stretch of text without added tokens.
    package func normalized(_ bytes: [UInt8]) throws(TokenizerError) -> [UInt8] {
        var result = bytes
        for normalizer in definition.normalizers { result = try normalizer.apply(to: result) }
        return result
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
