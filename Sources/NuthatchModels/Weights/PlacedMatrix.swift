import NuthatchTensors

/// A place's matrix as runs of outputs: borrowed from the file, or from a turned copy of it.
final class PlacedMatrix {
    /// Valid while this object and the checkpoint live.
    let pieces: [StoredMatrix]
    private let copy: AlignedBuffer?

    /// - Throws: `ModelError.unsupportedValue` for blocks of codes that would have to be turned.
    init(_ stored: StoredMatrix, _ source: TensorSource, file: String) throws(ModelError) {
        guard source.isTransposed else {
            copy = nil
            pieces = source.outputs.map { $0.map(stored.outputs) } ?? [stored]
            return
        }
        guard stored.format.blockLength == 1 else {
            throw .unsupportedValue(
                file: file, field: "the format of \(source.tensor)", found: stored.format.rawValue,
                supported: ["F32", "F16", "BF16"])
        }
        let copy = try allocating { () throws(TensorError) in try stored.transposed() }
        let turned = StoredMatrix(
            format: stored.format, outputCount: stored.inputCount, inputCount: stored.outputCount,
            bytes: UnsafeRawBufferPointer(copy.bytes))
        pieces = source.outputs.map { $0.map(turned.outputs) } ?? [turned]
        self.copy = .some(copy)
    }
}
