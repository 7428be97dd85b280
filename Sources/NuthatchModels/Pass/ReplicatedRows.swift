import NuthatchTensors

/// Rows of which each worker has a copy of its own, or which all share.
///
/// In a pass of few rows a sum or a norm takes less time than a meeting of the workers. So each keeps the
/// residual stream for itself and computes every sum and norm of it, all rows: the same numbers many times
/// over, and nobody waits for anybody.
///
/// Operations share rows out evenly and know nothing of copies. `slices` cuts the copies so that an even
/// share is a worker's own: slice r has, for each worker, its copy of row r.
struct ReplicatedRows {
    /// The first copy, or what all share.
    let rows: Rows
    /// 1, or as many as there are workers.
    let copyCount: Int
    /// What operations take in turn: all rows at once where they are shared.
    let slices: [Rows]

    /// - Parameter copyStride: floats from copy to copy; 0 for one that all only read.
    init(_ rows: Rows, copyCount: Int, copyStride: Int) {
        self.rows = rows
        self.copyCount = copyCount
        guard copyCount > 1 else {
            slices = [rows]
            return
        }
        slices = (0..<rows.rowCount).map { row in
            Rows(base: rows[row], rowCount: copyCount, columnCount: rows.columnCount, stride: copyStride)
        }
    }

    /// All rows as this worker has them.
    func rows(of worker: Worker) -> Rows {
        guard copyCount > 1 else { return rows }
        // One slice per row, each with the copies `stride` apart.
        let offset = slices.isEmpty ? 0 : worker.index * slices[0].stride
        return Rows(
            base: rows.base + offset, rowCount: rows.rowCount, columnCount: rows.columnCount,
            stride: rows.stride)
    }
}
