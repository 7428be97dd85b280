import NuthatchCheckpoints
import NuthatchTensors

/// The embedding as its file holds it: a pass reads a row per token, so it stays mapped and is never packed.
struct EmbeddingTable: Sendable {
    /// Keeps the mapping alive.
    private let checkpoint: Checkpoint
    // Safe to share: its bytes are read-only and live as long as `checkpoint`.
    nonisolated(unsafe) private let matrix: StoredMatrix

    init(_ weights: CheckpointWeights) throws(ModelError) {
        checkpoint = weights.checkpoint
        matrix = try weights.matrix(.embedding)
    }

    /// Decodes a token's row, [hiddenSize].
    func decode(_ token: TokenID, into output: UnsafeMutablePointer<Float>) {
        matrix.decode(
            rows: Int(token)..<Int(token) + 1,
            into: UnsafeMutableBufferPointer(start: output, count: matrix.inputCount))
    }
}
