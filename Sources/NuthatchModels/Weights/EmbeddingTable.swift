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
        let matrix = try weights.matrix(.embedding)
        if let output, output.layout.holdsExactly(matrix.format) {
            self = .packed(output)
        } else {
            self = .stored(StoredEmbedding(checkpoint: weights.checkpoint, matrix: matrix))
        }
    }

    /// Decodes a token's row, [hiddenSize].
    func decode(_ token: TokenID, into output: UnsafeMutablePointer<Float>) {
        switch self {
        case .packed(let matrix): matrix.unpack(output: Int(token), into: output)
        case .stored(let embedding): embedding.decode(token, into: output)
        }
    }
}

/// The embedding as its file holds it.
struct StoredEmbedding: Sendable {
    /// Keeps the mapping alive.
    private let checkpoint: Checkpoint
    // Safe to share: its bytes are read-only and live as long as `checkpoint`.
    nonisolated(unsafe) private let matrix: StoredMatrix

    init(checkpoint: Checkpoint, matrix: StoredMatrix) {
        self.checkpoint = checkpoint
        self.matrix = matrix
    }

    func decode(_ token: TokenID, into output: UnsafeMutablePointer<Float>) {
        matrix.decode(
            rows: Int(token)..<Int(token) + 1,
            into: UnsafeMutableBufferPointer(start: output, count: matrix.inputCount))
    }
}
