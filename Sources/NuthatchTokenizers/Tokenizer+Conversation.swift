package import NuthatchTensors

/// A stretch of a text between two added tokens, and the place of its ids among those of the text.
package struct TokenStretch: Sendable, Equatable {
    /// Offsets in the text's UTF-8.
    package let bytes: Range<Int>
    package let tokens: Range<Int>

    package init(bytes: Range<Int>, tokens: Range<Int>) {
        self.bytes = bytes
        self.tokens = tokens
    }
}

extension Tokenizer {
    /// The ids of a rendered conversation, tokenised as one text, without what the tokenizer puts around texts.
    ///
    /// - Parameters:
    ///   - markup: added tokens that are recognised in the template's own text alone; nil recognises all everywhere, as
    ///     `transformers` does.
    ///   - known: the ids of a stretch of text between two added tokens, by its offsets in UTF-8, where they are known
    ///     already.
    /// - Returns: the ids, and the stretches between added tokens.
    /// - Throws: `badData` for a text that is too long, or too costly for the model's splitting pattern.
    package func tokens(
        of prompt: RenderedPrompt, markup: Set<TokenID>?,
        known: (Range<Int>) -> ArraySlice<TokenID>? = { _ in nil }
    ) throws(NuthatchError) -> (tokens: [TokenID], stretches: [TokenStretch]) {
        let scope = markup.map { AddedTokenScope.markup($0, within: prompt.templateRanges) } ?? .everywhere
        var ids: [TokenID] = []
        do {
            let stretches = try appendTokens(
                of: Array(prompt.text.utf8), scope: scope, to: &ids, known: known)
            return (ids, stretches)
        } catch {
            throw NuthatchError(error)
        }
    }

    /// The added tokens that give a conversation its form: special ones, and of the others those in brackets that the
    /// template itself names, such as `<tool_call>` or `<think>`. The rest (runs of spaces, tags of HTML in Gemma's
    /// vocabulary) is text like any other.
    package func markup(of template: ChatTemplate?) -> Set<TokenID> {
        let source = Array((template?.source ?? "").utf8)
        var markup: Set<TokenID> = []
        for token in definition.addedTokens
        where token.isSpecial
            || token.isBracketed && ByteSearch(token.content).firstOffset(in: source, from: 0) != nil
        {
            markup.insert(token.id)
        }
        return markup
    }
}

extension AddedToken {
    fileprivate var isBracketed: Bool {
        switch (content.first, content.last) {
        case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "["), UInt8(ascii: "]")),
            (UInt8(ascii: "{"), UInt8(ascii: "}")), (UInt8(ascii: "("), UInt8(ascii: ")")):
            content.count > 2
        default: false
        }
    }
}
