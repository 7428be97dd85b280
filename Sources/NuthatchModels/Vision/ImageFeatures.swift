package import NuthatchTensors

/// What a tower makes of an image: a vector for each of its tokens, [token, width], row by row.
package final class ImageFeatures: Sendable {
    private let buffer: AlignedBuffer
    private let tokenCount: Int
    private let width: Int

    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package init(tokenCount: Int, width: Int) throws(ModelError) {
        self.tokenCount = tokenCount
        self.width = width
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: tokenCount * width * MemoryLayout<Float>.size, purpose: "vectors of an image")
        }
    }

    /// Valid while this object lives. Written by the tower alone.
    package var rows: Rows {
        Rows(base: buffer.floats, rowCount: tokenCount, columnCount: width, stride: width)
    }

    package var byteCount: Int { buffer.byteCount }
}
