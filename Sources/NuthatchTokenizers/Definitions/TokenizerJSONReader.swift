import NuthatchCheckpoints
import NuthatchTensors

/// Reads a tokenizer from tokenizer.json (the format of the `tokenizers` library), with the tokens and the names of
/// special ones that the files beside it add.
struct TokenizerJSONReader {
    let root: JSONField
    let configuration: JSONField?
    /// special_tokens_map.json, which older directories have instead.
    let specialTokensMap: JSONField?
    /// added_tokens.json, older still.
    let addedTokens: JSONField?

    var file: String { root.file }

    func definition() throws(TokenizerError) -> TokenizerDefinition {
        let model = try TokenizerError.wrapping { () throws(CheckpointError) in try root.object("model") }
        let splitting = try PreTokenizerReader(file: file).read(root["pre_tokenizer"])
        let present = try AddedTokenReader(file: file).read(root["added_tokens"])
        let configured = try ConfiguredTokens(
            configuration, specialTokensMap: specialTokensMap, addedTokens: addedTokens, present: present)
        let added = Self.added(configured, to: present, model)
        let (vocabulary, segmentation, unknown) = try segmentation(
            model, added, isByteLevel: splitting.endsInBytes)
        let pieces = vocabulary.pieces
        var definition = TokenizerDefinition(
            pieces: pieces, kinds: vocabulary.kinds, segmentation: segmentation)
        definition.addedTokens = added
        definition.splitsSpecialTokens = try TokenizerError.wrapping { () throws(CheckpointError) in
            try configuration?.optionalBool("split_special_tokens") ?? false
        }
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
        definition.namedTokens = configured.names
        definition.roles = roles(configured, vocabulary, unknown: unknown)
        return definition
    }

    /// All added tokens, those behind the vocabulary with the ids that follow.
    private static func added(
        _ configured: ConfiguredTokens, to present: [AddedToken], _ model: JSONField
    ) -> [AddedToken] {
        if configured.tokens.isEmpty { return present }
        switch model["vocab"]?.value {
        case .object(let object):
            return configured.added(to: present, pieceCount: object.count) { object[$0]?.integer }
        case .array(let entries):
            // A unigram model's: [piece, score], its id the place.
            var ids: [ExactKey: Int] = [:]
            for (id, entry) in entries.enumerated() { ids[ExactKey(entry.array?.first?.string ?? "")] = id }
            return configured.added(to: present, pieceCount: entries.count) { ids[ExactKey($0)] }
        default:
            // Refused when the vocabulary is read.
            return present
        }
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
        let byteIDs =
            isByteLevel ? VocabularyBuilder.byteIDs(pieces, alphabet, isText: vocabulary.isText) : []
        if isByteLevel {
            try VocabularyBuilder(file: file, field: "model.vocab").checkBytes(byteIDs, unknown: unknown)
        }
        return RankedMerges(
            alphabet: isByteLevel
                ? .bytes(byteIDs)
                : .scalars(fallback: hasFallback ? VocabularyBuilder.byteFallback(pieces) : nil),
            rules: try mergeRules(model, vocabulary), isText: vocabulary.isText, unknown: unknown,
            fusesUnknown: fusesUnknown,
            wholeWordsFirst: wholeWordsFirst, byteAlphabet: isByteLevel ? alphabet : nil)
    }

    private func mergeRules(
        _ model: JSONField, _ vocabulary: TokenizerJSONVocabulary
    ) throws(TokenizerError) -> MergeTable {
        guard let elements = model["merges"]?.value.array else {
            throw .malformed(file: file, field: "model.merges", reason: "is not an array")
        }
        var reader = try MergeRuleReader(
            file: file, field: "model.merges", pieces: vocabulary.pieces, isText: vocabulary.isText,
            ruleCount: elements.count)
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
        _ configured: ConfiguredTokens, _ vocabulary: TokenizerJSONVocabulary, unknown: TokenID?
    ) -> TokenRoles {
        func id(_ name: String) -> TokenID? {
            configured.contents[name].flatMap { vocabulary.pieces.id(of: $0) }
        }
        var roles = TokenRoles()
        roles.beginningOfSequence = id("bos_token")
        roles.endOfSequence = id("eos_token")
        roles.padding = id("pad_token")
        roles.unknown = id("unk_token") ?? unknown
        roles.findEndOfTurn(pieces: vocabulary.pieces, kinds: vocabulary.kinds)
        return roles
    }
}
