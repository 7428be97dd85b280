import CNuthatchKernels

/// Shared scratch for activations quantised to 8 bits per 32 inputs.
package final class QuantizedRows: Sendable {
    package let maximumRowCount: Int
    package let maximumColumnCount: Int
    /// [row][ceil(columnCount / 32)] blocks of one cache line, for the column count in use.
    private let buffer: AlignedBuffer

    package init(maximumRowCount: Int, maximumColumnCount: Int) throws(TensorError) {
        self.maximumRowCount = maximumRowCount
        self.maximumColumnCount = maximumColumnCount
        buffer = try AlignedBuffer(
            byteCount: Self.byteCount(rowCount: maximumRowCount, columnCount: maximumColumnCount),
            purpose: "quantised activations")
    }

    /// Bytes of so many rows, quantised.
    package static func byteCount(rowCount: Int, columnCount: Int) -> Int {
        rowCount * blockCount(columnCount: columnCount) * MemoryLayout<nuthatch_activation_block>.stride
    }

    static func blockCount(columnCount: Int) -> Int {
        let length = Int(NUTHATCH_BLOCK_LENGTH)
        return (columnCount + length - 1) / length
    }

    /// Where the blocks lie; workers write disjoint rows and read after a barrier.
    var blocks: UnsafeMutablePointer<nuthatch_activation_block> {
        buffer.base.assumingMemoryBound(to: nuthatch_activation_block.self)
    }
}
