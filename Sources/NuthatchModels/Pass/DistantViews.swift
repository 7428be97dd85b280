import NuthatchTensors

/// A pass's queries and keys at the positions from which they look beyond their windows (`CachePlan.distantPosition`),
/// in memory of their own, which only passes over caches with such positions ask for.
///
/// ```
/// queryKey   [R, queries | keys]
/// cosines    [R, rotary / 2]      of each rotary table, then its sines
/// ```
final class DistantViews {
    /// [row, queries | keys]; in a small pass a copy for each worker.
    private let queryKey: Rows
    private let queryWidth: Int
    /// Cosines of each rotary table, [row, rotary dimension / 2].
    let cosines: [Rows]
    let sines: [Rows]
    private let buffer: AlignedBuffer

    /// - Throws: `ModelError.tensors` if the memory can't be had.
    init(_ specification: DecoderSpecification, layout: WorkspaceLayout) throws(ModelError) {
        let heads = specification.attention.heads
        let rowCount = layout.maximumRowCount
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(byteCount: layout.distantByteCount, purpose: "queries at distant positions")
        }
        var next = buffer.floats
        func take(_ columnCount: Int, stride: Int) -> Rows {
            defer { next += rowCount * stride }
            return Rows(base: next, rowCount: rowCount, columnCount: columnCount, stride: stride)
        }
        let queryKey = take(heads.queryWidth + heads.kvWidth, stride: layout.distantStride)
        var cosines: [Rows] = []
        var sines: [Rows] = []
        for (rotary, stride) in zip(specification.distinctRotaries, layout.rotaryStrides) {
            cosines.append(take(rotary.dimension / 2, stride: stride))
            sines.append(take(rotary.dimension / 2, stride: stride))
        }
        self.queryKey = queryKey
        queryWidth = heads.queryWidth
        self.cosines = cosines
        self.sines = sines
    }

    /// A pass's rows, or the worker's copy of them.
    func queryKey(of worker: Worker, rowCount: Int, isReplicated: Bool) -> Rows {
        let start = isReplicated ? worker.index * rowCount : 0
        return queryKey.rows(start..<start + rowCount)
    }

    /// The columns of queries among the rows of queries and keys.
    func queries(_ rows: Rows) -> Rows { rows.columns(0..<queryWidth) }
    func keys(_ rows: Rows) -> Rows { rows.columns(queryWidth..<rows.columnCount) }
}
