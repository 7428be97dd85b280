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

    /// Some of its outputs, in the same memory.
    package func outputs(_ range: Range<Int>) -> StoredMatrix {
        StoredMatrix(
            format: format, outputCount: range.count, inputCount: inputCount, bytes: rowBytes(range))
    }

    /// All of it, decoded: [outputs, inputs].
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: outputCount * inputCount) { buffer, count in
            decode(
                rows: 0..<outputCount,
                into: UnsafeMutableBufferPointer(rebasing: buffer[..<(outputCount * inputCount)]))
            count = outputCount * inputCount
        }
    }

    /// A copy with columns for rows. For formats of one element a block.
    package func transposed() throws(TensorError) -> AlignedBuffer {
        precondition(format.blockLength == 1, "blocks of codes can't be turned")
        let copy = try AlignedBuffer(byteCount: bytes.count, purpose: "turning a weight matrix")
        switch format.blockByteCount {
        case 2: turn(as: UInt16.self, into: copy.base)
        default: turn(as: UInt32.self, into: copy.base)
        }
        return copy
    }

    private func turn<Element: BitwiseCopyable>(
        as type: Element.Type, into target: UnsafeMutableRawPointer
    ) {
        let size = MemoryLayout<Element>.size
        for input in 0..<inputCount {
            for output in 0..<outputCount {
                let element = bytes.loadUnaligned(
                    fromByteOffset: (output * inputCount + input) * size, as: type)
                target.storeBytes(of: element, toByteOffset: (input * outputCount + output) * size, as: type)
            }
        }
    }
}
