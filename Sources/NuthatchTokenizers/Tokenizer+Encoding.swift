public import NuthatchTensors

extension Tokenizer {
    /// The ids of a text. Time is O(n log n) in its bytes, whatever they are.
    ///
    /// - Parameters:
    ///   - text: At most 16 MiB of UTF-8.
    ///   - addsSpecialTokens: Puts what the model expects around a text (such as `beginningOfSequence`) there.
    ///   - parsesSpecialTokens: Reads markup such as `<|im_end|>` in the text as the one id it names. Pass false for
    ///     text from strangers, so that they cannot end a turn.
    /// - Throws: `badData` for a text that is too long, or too costly for the model's splitting pattern.
    public func encode(
        _ text: String, addsSpecialTokens: Bool = true, parsesSpecialTokens: Bool = true
    ) throws(NuthatchError) -> [TokenID] {
        try encode(
            bytes: Array(text.utf8), addsSpecialTokens: addsSpecialTokens,
            parsesSpecialTokens: parsesSpecialTokens)
    }

    /// How many ids a text becomes: what it takes of a context.
    ///
    /// - Throws: `NuthatchError` as `encode` does, whose parameters these are.
    public func count(
        _ text: String, addsSpecialTokens: Bool = true, parsesSpecialTokens: Bool = true
    ) throws(NuthatchError) -> Int {
        try encode(
            text, addsSpecialTokens: addsSpecialTokens, parsesSpecialTokens: parsesSpecialTokens
        ).count
    }

    /// The ids of bytes that need not be UTF-8.
    ///
    /// A byte that belongs to no valid sequence splits words as a symbol would and is otherwise itself: byte-level
    /// vocabularies encode it without loss, SentencePiece ones through their byte pieces.
    ///
    /// - Parameters:
    ///   - bytes: At most 16 MiB.
    ///   - addsSpecialTokens: Puts what the model expects around a text there.
    ///   - parsesSpecialTokens: Reads markup in the text as the one id it names.
    /// - Throws: `badData` for a text that is too long, or too costly for the model's splitting pattern.
    public func encode(
        bytes: [UInt8], addsSpecialTokens: Bool = true, parsesSpecialTokens: Bool = true
    ) throws(NuthatchError) -> [TokenID] {
        do {
            return try tokens(
                of: bytes, addsSpecialTokens: addsSpecialTokens, parsesSpecialTokens: parsesSpecialTokens)
        } catch {
            throw NuthatchError(error)
        }
    }

    /// `encode(bytes:)` with this room's errors.
    package func tokens(
        of bytes: [UInt8], addsSpecialTokens: Bool, parsesSpecialTokens: Bool
    ) throws(TokenizerError) -> [TokenID] {
        var ids: [TokenID] = addsSpecialTokens ? definition.prefix : []
        try appendTokens(of: bytes, scope: parsesSpecialTokens ? .everywhere : .plainText, to: &ids)
        if addsSpecialTokens { ids += definition.suffix }
        return ids
    }

    /// Appends the ids of a whole text.
    ///
    /// - Parameters:
    ///   - known: ids that stand for a stretch of text between added tokens, where they are known already.
    /// - Returns: the stretches of text between added tokens, each with the place of its ids.
    @discardableResult
    func appendTokens(
        of bytes: [UInt8], scope: AddedTokenScope, to ids: inout [TokenID],
        known: (Range<Int>) -> ArraySlice<TokenID>? = { _ in nil }
    ) throws(TokenizerError) -> [TokenStretch] {
        let limit = TokenizerLimit.inputByteCount
        if bytes.count > limit.maximum { throw .inputTooLong(byteCount: bytes.count, limit: limit) }
        // Published vocabularies spend 3 to 5 bytes of text a token.
        ids.reserveCapacity(ids.count + bytes.count / 3 + 8)
        var scratch = Scratch()
        var stretches: [TokenStretch] = []
        for segment in rawMatcher.segments(of: bytes.span, scope: scope) {
            switch segment {
            case .token(let id): ids.append(id)
            case .text(let range):
                let start = ids.count
                if let known = known(range) {
                    ids += known
                } else {
                    try encode(
                        Array(bytes[range]), startsText: range.lowerBound == 0, scope: scope.moved(to: range),
                        scratch: &scratch, into: &ids)
                }
                stretches.append(TokenStretch(bytes: range, tokens: start..<ids.count))
            }
        }
        return stretches
    }

    /// Encodes a stretch without added tokens: normalises, looks for those that are found only then, splits,
    /// segments.
    private func encode(
        _ bytes: [UInt8], startsText: Bool, scope: AddedTokenScope, scratch: inout Scratch,
        into ids: inout [TokenID]
    ) throws(TokenizerError) {
        let (normalized, scope) = try normalized(bytes, scope: scope)
        for segment in normalizedMatcher.segments(of: normalized.span, scope: scope) {
            switch segment {
            case .token(let id): ids.append(id)
            case .text(let range):
                let isWhole = range == 0..<normalized.count
                let text = try split(
                    isWhole ? normalized : Array(normalized[range]),
                    startsText: startsText && range.lowerBound == 0)
                cut(text, scratch: &scratch, into: &ids)
            }
        }
    }

    private func cut(_ text: WordText, scratch: inout Scratch, into ids: inout [TokenID]) {
        let bytes = text.bytes.span
        let pieces = definition.pieces
        switch definition.segmentation {
        case .ranked(let merges):
            for word in text.words {
                merges.encode(bytes, word, pieces: pieces, list: &scratch.list, into: &ids)
            }
        case .scored(let merges):
            for word in text.words {
                merges.encode(bytes, word, pieces: pieces, list: &scratch.list, into: &ids)
            }
        case .unigram(let model):
            for word in text.words { model.encode(bytes, word, path: &scratch.path, into: &ids) }
        }
    }

    /// What words are worked on in, kept from word to word.
    private struct Scratch {
        var list = SymbolList()
        var path = UnigramPath()
    }
}
