import NuthatchCheckpoints
import NuthatchTensors

extension GGUFTokenizerReader {
    /// SentencePiece's unigram models: scores are log probabilities.
    ///
    /// - Parameter unknown: where the file doesn't say.
    func unigram(unknown: TokenID?) throws(TokenizerError) -> TokenizerDefinition {
        let (pieces, kinds) = try vocabulary()
        let scores = try scores(count: pieces.count)
        for (id, score) in scores.enumerated() where !score.isFinite {
            throw .malformed(file: file, field: "tokenizer.ggml.scores[\(id)]", reason: "is \(score)")
        }
        try UnigramReader.checkPieces(pieces, file: file, field: "tokenizer.ggml.tokens")
        let model = UnigramModel(
            pieces: pieces, kinds: kinds, scores: scores,
            leastScore: zip(scores, kinds).filter { $0.1 == .normal }.map(\.0).min() ?? 0,
            unknown: try id("unknown_token_id", pieces.count) ?? unknown,
            fallback: kinds.contains(.byte) ? VocabularyBuilder.byteFallback(pieces) : nil)
        var definition = TokenizerDefinition(pieces: pieces, kinds: kinds, segmentation: .unigram(model))
        let map = try TokenizerError.wrapping { () throws(CheckpointError) in
            try metadata.optionalIntegers("precompiled_charsmap")
        }
        if let map, !map.isEmpty { definition.normalizers.append(.characterMap(try characterMap(map))) }
        if try flag("remove_extra_whitespaces") ?? false { definition.normalizers.append(.joinSpaces) }
        let addsSpace = try flag("add_space_prefix") ?? false
        let mark = Array("▁".utf8)
        if addsSpace { definition.normalizers.append(.prepend(mark)) }
        definition.normalizers.append(.replace(.literal([UInt8(ascii: " ")]), with: mark))
        definition.decoding = decoding(of: pieces, kinds, mark: mark, addsSpace: addsSpace)
        return definition
    }

    private func characterMap(_ bytes: [Int]) throws(TokenizerError) -> CharacterMap {
        let field = "tokenizer.ggml.precompiled_charsmap"
        try VocabularyBuilder.check(bytes.count, .characterMapByteCount, file: file, field: field)
        // Some converters write signed bytes.
        let data = bytes.map { UInt8(truncatingIfNeeded: $0) }
        return try CharacterMapReader(data, file: file, field: field).map()
    }
}
