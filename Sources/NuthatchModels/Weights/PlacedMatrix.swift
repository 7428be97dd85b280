import NuthatchTensors

/// A place's matrix as runs of outputs: borrowed from the file, or from a turned copy of it.
final class PlacedMatrix {
    /// Valid while this object and the checkpoint live.
    let pieces: [StoredMatrix]
    private let copy: AlignedBuffer?

    init(_ stored: StoredMatrix, _ source: TensorSource) throws(ModelError) {
        guard source.isTransposed else {
            copy = nil
            pieces = source.outputs.map { $0.map(stored.outputs) } ?? [stored]
            return
        }
        let copy = try allocating { () throws(TensorError) in try stored.transposed() }
        let turned = StoredMatrix(
            format: stored.transposedFormat, outputCount: stored.inputCount, inputCount: stored.outputCount,
            bytes: UnsafeRawBufferPointer(copy.bytes), tensor: stored.tensor)
        pieces = source.outputs.map { $0.map(turned.outputs) } ?? [turned]
        self.copy = .some(copy)
    }

    /// A matrix of one run of outputs, with columns for rows.
    convenience init(turning matrix: PlacedMatrix) throws(ModelError) {
        precondition(matrix.pieces.count == 1, "a matrix that is turned lies in one piece")
        try self.init(matrix.pieces[0], TensorSource(tensor: "", isTransposed: true))
        // What the piece borrowed has been copied.
        withExtendedLifetime(matrix) {}
    }
}
