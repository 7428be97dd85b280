/// Rows of float32 activations, borrowed: [rowCount, columnCount], `stride` floats from row to row.
///
/// A view, not an owner: valid while the buffer it was cut from lives. Kernels read and write through it.
package struct Rows {
    package let base: UnsafeMutablePointer<Float>
    package let rowCount: Int
    package let columnCount: Int
    package let stride: Int

    package init(base: UnsafeMutablePointer<Float>, rowCount: Int, columnCount: Int, stride: Int) {
        self.base = base
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.stride = stride
    }

    /// The first element of a row.
    package subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

    /// Lends a row, [columnCount], for as long as the call takes.
    package func withRow<Result, Failure: Error>(
        _ row: Int, _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let elements = UnsafeMutableBufferPointer(start: self[row], count: columnCount)
        var span = elements.mutableSpan
        return try body(&span)
    }

    /// Copies these rows to others, of as many columns or more.
    package func copy(to target: Rows) {
        for row in 0..<rowCount { target[row].update(from: self[row], count: columnCount) }
    }

    /// Some of the rows.
    package func rows(_ range: Range<Int>) -> Rows {
        Rows(base: self[range.lowerBound], rowCount: range.count, columnCount: columnCount, stride: stride)
    }

    /// Some of the columns of every row.
    package func columns(_ range: Range<Int>) -> Rows {
        Rows(base: base + range.lowerBound, rowCount: rowCount, columnCount: range.count, stride: stride)
    }
}
