import NuthatchTensors

/// Rows of which each worker has a copy of its own, or which all share.
///
/// In a pass of few rows a sum or a norm takes less time than a meeting of the workers. So each keeps the
/// residual stream for itself and computes every sum and norm of it, all rows: the same numbers many times
/// over, and nobody waits for anybody.
struct ReplicatedRows {
    /// The first copy, or what all share.
    let rows: Rows
    /// Floats from copy to copy; 0 for rows that all share.
    private let copyStride: Int

    init(_ rows: Rows, copyStride: Int) {
        self.rows = rows
        self.copyStride = copyStride
    }

    /// All rows as this worker has them.
    func rows(of worker: Worker) -> Rows {
        Rows(
            base: rows.base + worker.index * copyStride, rowCount: rows.rowCount,
            columnCount: rows.columnCount, stride: rows.stride)
    }
}
