import NuthatchTensors

/// A copy of rows that outlives the pass that gave them.
final class KeptRows {
    let rows: Rows
    private let buffer: AlignedBuffer

    /// - Throws: `TensorError` if the memory can't be had.
    init(_ origin: Rows) throws(TensorError) {
        let stride = origin.columnCount.rounded(upTo: 16)
        buffer = try AlignedBuffer(
            byteCount: origin.rowCount * stride * MemoryLayout<Float>.size, purpose: "logits to compare")
        rows = Rows(
            base: buffer.floats, rowCount: origin.rowCount, columnCount: origin.columnCount, stride: stride)
        origin.copy(to: rows)
    }
}
