import NuthatchCheckpoints
import NuthatchTensors

/// Reads `model` of a tokenizer.json whose pieces are of a unigram model.
struct UnigramReader {
    let model: JSONField

    private var file: String { model.file }

    /// Pieces in the order of their ids, and their log probabilities.
    struct Listing {
        var pieces: [String] = []
        var scores: [Double] = []
    }

    /// `vocab`: [[piece, log probability], ...]
    func listing() throws(TokenizerError) -> Listing {
        guard let entries = model["vocab"]?.value.array else {
            throw .malformed(file: file, field: "model.vocab", reason: "is not an array")
        }
        try VocabularyBuilder.check(entries.count, .pieceCount, file: file, field: "model.vocab")
        var listing = Listing()
        listing.pieces.reserveCapacity(entries.count)
        listing.scores.reserveCapacity(entries.count)
        for (id, entry) in entries.enumerated() {
            guard let pair = entry.array, pair.count == 2, let piece = pair[0].string,
                let score = pair[1].number, score.isFinite
            else {
                throw .malformed(
                    file: file, field: "model.vocab[\(id)]", reason: "is not a piece and its log probability")
            }
            listing.pieces.append(piece)
            listing.scores.append(score)
        }
        return listing
    }

    /// - Parameter vocabulary: of the same pieces, and added ones.
    func makeModel(
        _ listing: Listing, _ vocabulary: TokenizerJSONVocabulary
    ) throws(TokenizerError) -> (UnigramModel, unknown: TokenID?) {
        let (unknown, hasFallback) = try TokenizerError.wrapping { () throws(CheckpointError) in
            (
                try model.optionalInteger("unk_id"), try model.optionalBool("byte_fallback") ?? false
            )
        }
        if let unknown, !listing.scores.indices.contains(unknown) {
            throw .idOutOfRange(
                file: file, field: "model.unk_id", id: unknown, vocabularySize: listing.scores.count)
        }
        try Self.checkPieces(vocabulary.pieces, file: file, field: "model.vocab")
        let id = unknown.map { TokenID(truncatingIfNeeded: $0) }
        let unigram = UnigramModel(
            pieces: vocabulary.pieces, kinds: vocabulary.kinds, scores: listing.scores,
            leastScore: listing.scores.min() ?? 0, unknown: id,
            fallback: hasFallback ? VocabularyBuilder.byteFallback(vocabulary.pieces) : nil)
        return (unigram, id)
    }

    /// Refuses pieces that a text would be compared with at each of its positions.
    static func checkPieces(_ pieces: PieceTable, file: String, field: String) throws(TokenizerError) {
        try VocabularyBuilder.check(
            pieces.longestPiece, .searchedPieceByteCount, file: file, field: "the longest piece of \(field)")
        try VocabularyBuilder.check(
            pieces.pieces.storage.count, .searchedByteCount, file: file, field: "all pieces of \(field)")
    }
}
