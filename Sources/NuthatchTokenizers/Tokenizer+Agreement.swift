extension Tokenizer {
    /// Whether a model of `tokenCount` ids may be this tokenizer's.
    ///
    /// Models have more ids than pieces where their matrices are padded, and fewer where tokens were added that they
    /// never learned; neither goes far.
    /// - Throws: `TokenizerError.vocabularyMismatch`.
    package func checkFit(tokenCount: Int, file: String) throws(TokenizerError) {
        let added = Set(definition.addedTokens.map { Int($0.id) })
        let highest = (0..<vocabularySize).last {
            !added.contains($0) && !definition.pieces.pieces[$0].isEmpty
        }
        guard (highest ?? 0) < tokenCount, tokenCount <= Self.mostPadded(vocabularySize) else {
            throw .vocabularyMismatch(file: file, pieceCount: vocabularySize, tokenCount: tokenCount)
        }
    }

    /// The most ids that a model of so many pieces has: published ones are padded by less than 1 %, small ones to a
    /// multiple of up to 1,024.
    private static func mostPadded(_ pieceCount: Int) -> Int { 2 * pieceCount + 1024 }

    /// Whether another tokenizer gives a text the same ids.
    package func agrees(with other: Tokenizer, on text: String) throws(TokenizerError) -> Bool {
        let bytes = Array(text.utf8)
        let own = try tokens(of: bytes, addsSpecialTokens: true, parsesSpecialTokens: false)
        return try own == other.tokens(of: bytes, addsSpecialTokens: true, parsesSpecialTokens: false)
    }

    /// A text in which tokenizers differ if they differ anywhere people notice: scripts, digits, contractions, runs of
    /// spaces and of line ends, marks, code.
    package static let sampleText = """
        The nuthatch's cache isn't lost: it'll find 3 seeds, 33 nuts, 333 and 1234567 -- I'VE SEEN IT!
          \t two  spaces,   three    four\n\n\nand lines\r\n 12,345.67 % #hash @name a_b c-d e/f <tag> [x] {y}
        def f(x): return x**2 != 0 && y || "z" ? 'a' : `b` ~ ^ | $5 €7 ½ ² …
        Ünïcödé naïve façade e\u{301} Ω ß ﬁ 你好,世界。 こんにちは カタカナ 안녕하세요 Привет مرحبا नमस्ते 🐦🌰👩‍💻 \u{200B}\u{A0}end
        """
}
