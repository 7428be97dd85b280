import CNuthatchKernels

/// Panels that a worker multiplies next, behind those at hand: kernels ask memory for the first of them meanwhile, so
/// that a meeting or a new matrix leaves memory no pause.
///
/// A hint: what is computed does not depend on it.
package struct PrefetchHint {
    package let base: UnsafePointer<UInt8>
    /// Bytes from panel to panel.
    package let byteCount: Int
    package let count: Int

    init(_ matrix: PackedMatrix, _ panels: Range<Int>) {
        byteCount = matrix.panelByteCount
        base = matrix.panels.base + panels.lowerBound * byteCount
        count = panels.count
    }
}

extension Operations {
    /// This worker's share of a product of few rows with `matrix`; nil where rows are many, for then nobody's part is
    /// known ahead.
    package func upcoming(_ matrix: PackedMatrix, rowCount: Int, on worker: Worker) -> PrefetchHint? {
        guard hasFixedShares(rowCount: rowCount, worker) else { return nil }
        return PrefetchHint(matrix, worker.share(of: matrix.panelCount))
    }

    /// The panels of several matrices that a worker multiplies next.
    ///
    /// - Parameter width: the outputs that are shared out, the same ones of each half: of a gate and what it opens. Nil:
    ///   all outputs are.
    package func upcoming(
        _ matrices: [PackedMatrix], width: Int? = nil, rowCount: Int, on worker: Worker
    ) -> PrefetchHint? {
        guard hasFixedShares(rowCount: rowCount, worker) else { return nil }
        let panelCount =
            width.map(PackedMatrix.panelCount(outputCount:))
            ?? matrices.reduce(0) { $0 + $1.panelCount }
        return Self.firstPanels(of: matrices, in: worker.share(of: panelCount))
    }

    /// The panels of a range, counted on from matrix to matrix, that lie in the first matrix it touches.
    package static func firstPanels(of matrices: [PackedMatrix], in panels: Range<Int>) -> PrefetchHint? {
        var first = 0
        for matrix in matrices {
            let own = panels.clamped(to: first..<first + matrix.panelCount)
            if !own.isEmpty {
                return PrefetchHint(matrix, own.lowerBound - first..<own.upperBound - first)
            }
            first += matrix.panelCount
        }
        return nil
    }
}
