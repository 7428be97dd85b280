import NuthatchCheckpoints
import NuthatchTensors

/// Reads a tokenizer from tokenizer.json (the format of the `tokenizers` library), with the names of special tokens
/// from tokenizer_config.json.
struct TokenizerJSONReader {
    let root: JSONField
    let configuration: JSONField?
    /// special_tokens_map.json, which older directories have instead.
    let specialTokensMap: JSONField?

    var file: String { root.file }

    func definition() throws(TokenizerError) -> TokenizerDefinition {
        let model = try TokenizerError.wrapping { () throws(CheckpointError) in try root.object("model") }
        let splitting = try PreTokenizerReader(file: file).read(root["pre_tokenizer"])
        let added = try AddedTokenReader(file: file).read(root["added_tokens"])
        let (vocabulary, segmentation, unknown) = try segmentation(
            model, added, isByteLevel: splitting.endsInBytes)
        let pieces = vocabulary.pieces
        var definition = TokenizerDefinition(
            pieces: pieces, kinds: vocabulary.kinds, segmentation: segmentation)
        definition.addedTokens = added
        definition.normalizers = try NormalizerReader(file: file).read(root["normalizer"])
        definition.preTokenizers = splitting.steps
        let mark = Array("▁".utf8)
        if case .ranked(let merges) = segmentation, !splitting.endsInBytes, !merges.wholeWordsFirst,
            VocabularyBuilder.mayCutBeforeMarks(mark, pieces, vocabulary.kinds)
        {
            definition.preTokenizers.append(.beforeMarks(mark))
        }
        definition.decoding = try DecoderReader(file: file).read(root["decoder"], pieces, added)
        (definition.prefix, definition.suffix) = try PostProcessorReader(
            file: file, vocabularySize: pieces.count
        )
        .read(root["post_processor"])
        definition.roles = try roles(vocabulary, unknown: unknown)
        return definition
    }

    private typealias Segmenting = (
        vocabulary: TokenizerJSONVocabulary, segmentation: TokenizerDefinition.Segmentation,
        unknown: TokenID?
    )

    private func segmentation(
        _ model: JSONField, _ added: [AddedToken], isByteLevel: Bool
    ) throws(TokenizerError) -> Segmenting {
        let type = try TokenizerError.wrapping { () throws(CheckpointError) in
            try model.optionalString("type")
        }
        // Files from before 2020 leave the type out.
        switch type ?? (model["merges"] == nil ? "none" : "BPE") {
        case "BPE":
            let vocabulary = try TokenizerJSONVocabulary(model: model, added: added)
            let merges = try rankedMerges(model, vocabulary, isByteLevel: isByteLevel)
            return (vocabulary, .ranked(merges), merges.unknown)
        case "Unigram":
            guard !isByteLevel else {
                throw .unsupported(
                    file: file, field: "pre_tokenizer.type", value: "ByteLevel",
                    supported: "all others before a unigram model")
            }
            let reader = UnigramReader(model: model)
            let listing = try reader.listing()
            let vocabulary = try TokenizerJSONVocabulary(listing.pieces, added, model: model)
            let (unigram, unknown) = try reader.makeModel(listing, vocabulary)
            return (vocabulary, .unigram(unigram), unknown)
        case let other:
            throw .unsupported(file: file, field: "model.type", value: other, supported: "BPE, Unigram")
        }
    }

    private func rankedMerges(
        _ model: JSONField, _ vocabulary: TokenizerJSONVocabulary, isByteLevel: Bool
    ) throws(TokenizerError) -> RankedMerges {
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            let text = try TokenizerError.wrapping { () throws(CheckpointError) in
                try model.optionalString(key)
            }
            if let text, !text.isEmpty {
                throw .unsupported(file: file, field: "model.\(key)", value: text, supported: "none")
            }
        }
        let pieces = vocabulary.pieces
        let (unknownPiece, hasFallback, fusesUnknown, wholeWordsFirst) =
            try TokenizerError.wrapping { () throws(CheckpointError) in
                (
                    try model.optionalString("unk_token"), try model.optionalBool("byte_fallback") ?? false,
                    try model.optionalBool("fuse_unk") ?? false,
                    try model.optionalBool("ignore_merges") ?? false
                )
            }
        var unknown: TokenID?
        if let unknownPiece {
            unknown = pieces.id(of: unknownPiece)
            if unknown == nil {
                throw .unknownPiece(file: file, field: "model.unk_token", piece: unknownPiece)
            }
        }
        let alphabet = ByteAlphabet()
        return RankedMerges(
            alphabet: isByteLevel
                ? .bytes(VocabularyBuilder.byteIDs(pieces, alphabet))
                : .scalars(fallback: hasFallback ? VocabularyBuilder.byteFallback(pieces) : nil),
            rules: try mergeRules(model, pieces), unknown: unknown, fusesUnknown: fusesUnknown,
            wholeWordsFirst: wholeWordsFirst, byteAlphabet: isByteLevel ? alphabet : nil)
    }

    private func mergeRules(_ model: JSONField, _ pieces: PieceTable) throws(TokenizerError) -> MergeTable {
        guard let elements = model["merges"]?.value.array else {
            throw .malformed(file: file, field: "model.merges", reason: "is not an array")
        }
        var reader = try MergeRuleReader(
            file: file, field: "model.merges", pieces: pieces, ruleCount: elements.count)
        for (index, element) in elements.enumerated() {
            switch element {
            case .string(let rule): try reader.add(rule)
            case .array(let pair):
                guard pair.count == 2, let left = pair[0].string, let right = pair[1].string else {
                    fallthrough
                }
                try reader.add(left, right)
            default:
                throw .malformed(
                    file: file, field: "model.merges[\(index)]", reason: "is not a pair of pieces")
            }
        }
        return reader.table
    }

    private func roles(
        _ vocabulary: TokenizerJSONVocabulary, unknown: TokenID?
    ) throws(TokenizerError) -> TokenRoles {
        var roles = TokenRoles()
        roles.beginningOfSequence = try role("bos_token", vocabulary.pieces)
        roles.endOfSequence = try role("eos_token", vocabulary.pieces)
        roles.padding = try role("pad_token", vocabulary.pieces)
        roles.unknown = try role("unk_token", vocabulary.pieces) ?? unknown
        roles.findEndOfTurn(pieces: vocabulary.pieces, kinds: vocabulary.kinds)
        return roles
    }

    /// The id of a special token that the configuration names, as a string or as an object with `content`.
    private func role(_ key: String, _ pieces: PieceTable) throws(TokenizerError) -> TokenID? {
        guard let field = configuration?[key] ?? specialTokensMap?[key] else { return nil }
        guard let content = field.value.string ?? field["content"]?.value.string else {
            throw .checkpoint(field.wrongType(expected: "a string or an object with content"))
        }
        if let id = pieces.id(of: content) { return id }
        // Configurations often name a padding or unknown token that the vocabulary never had; nothing depends on it.
        if key == "pad_token" || key == "unk_token" { return nil }
        throw .unknownPiece(file: field.file, field: key, piece: content)
    }
}
