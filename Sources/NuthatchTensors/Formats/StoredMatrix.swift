/// A weight matrix as its file holds it: borrowed bytes, row after row.
///
/// Element (output, input) of a linear layer y = W x; `outputCount` rows of `inputCount` elements in
/// `format`, rows adjacent, each a whole number of blocks. The bytes are borrowed from a mapped file:
/// valid while the checkpoint that gave them lives.
package struct StoredMatrix {
    package let format: ElementFormat
    package let outputCount: Int
    package let inputCount: Int
    package let bytes: UnsafeRawBufferPointer

    package init(format: ElementFormat, outputCount: Int, inputCount: Int, bytes: UnsafeRawBufferPointer) {
        precondition(
            format.byteCount(elementCount: inputCount).map { $0 * outputCount } == bytes.count,
            "a stored matrix covers exactly its rows")
        self.format = format
        self.outputCount = outputCount
        self.inputCount = inputCount
        self.bytes = bytes
    }

    /// Bytes of one row.
    package var rowByteCount: Int { bytes.count / max(outputCount, 1) }
}
