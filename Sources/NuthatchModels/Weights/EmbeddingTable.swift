import NuthatchCheckpoints
import NuthatchTensors

/// Where a token's row of the embedding comes from.
///
/// A model whose output matrix is its embedding has it in memory already, packed, and reads rows from there. Else a
/// pass reads a row per token from the file, which stays mapped for it.
enum EmbeddingTable: Sendable {
    case packed(PackedMatrix)
    case stored(StoredEmbedding)

    /// - Parameter output: the output matrix as packed, where it is the embedding.
    init(_ weights: CheckpointWeights, output: PackedMatrix?) throws(ModelError) {
        if let output, output.layout.holdsExactly(try weights.form(.embedding).format) {
            self = .packed(output)
        } else {
            self = .stored(try StoredEmbedding(weights, .embedding))
        }
    }

    /// Decodes a token's row, [embeddingWidth].
    func decode(_ token: TokenID, into output: UnsafeMutablePointer<Float>) {
        switch self {
        case .packed(let matrix): matrix.unpack(output: Int(token), into: output)
        case .stored(let embedding): embedding.decode(Int(token), into: output)
        }
    }
}

/// A table of vectors, for tokens or for positions, as its file holds it.
struct StoredEmbedding: Sendable {
    /// Keeps the mapping alive.
    private let checkpoint: Checkpoint
    // Safe to share: its bytes are read-only and live as long as `checkpoint`.
    nonisolated(unsafe) private let matrix: StoredMatrix

    init(_ weights: CheckpointWeights, _ place: TensorPlace) throws(ModelError) {
        checkpoint = weights.checkpoint
        matrix = try weights.table(place)
    }

    func decode(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        matrix.decode(
            rows: row..<row + 1, into: UnsafeMutableBufferPointer(start: output, count: matrix.inputCount))
    }
}
