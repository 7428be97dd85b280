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
    /// The file's tensor that the numbers are of, for messages.
    package let tensor: String

    package init(
        format: ElementFormat, outputCount: Int, inputCount: Int, bytes: UnsafeRawBufferPointer,
        tensor: String
    ) {
        precondition(
            format.byteCount(elementCount: inputCount).map { $0 * outputCount } == bytes.count,
            "a stored matrix covers exactly its rows")
        self.format = format
        self.outputCount = outputCount
        self.inputCount = inputCount
        self.bytes = bytes
        self.tensor = tensor
    }

    /// Bytes of one row.
    package var rowByteCount: Int { bytes.count / max(outputCount, 1) }

    /// Some of its outputs, in the same memory.
    package func outputs(_ range: Range<Int>) -> StoredMatrix {
        StoredMatrix(
            format: format, outputCount: range.count, inputCount: inputCount, bytes: rowBytes(range),
            tensor: tensor)
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

    /// What a copy with columns for rows is in: blocks of codes run along rows, and have to be decoded.
    package var transposedFormat: ElementFormat { format.blockLength == 1 ? format : .f32 }

    /// A copy with columns for rows, in `transposedFormat`.
    package func transposed() throws(TensorError) -> AlignedBuffer {
        let elementByteCount = transposedFormat.blockByteCount
        let copy = try AlignedBuffer(
            byteCount: outputCount * inputCount * elementByteCount, purpose: "turning a weight matrix")
        switch (format.blockLength, elementByteCount) {
        case (1, 2): turn(as: UInt16.self, into: copy.base)
        case (1, _): turn(as: UInt32.self, into: copy.base)
        default: turnDecoded(into: copy.floats)
        }
        return copy
    }

    private func turnDecoded(into target: UnsafeMutablePointer<Float>) {
        let values = floats()
        for input in 0..<inputCount {
            for output in 0..<outputCount {
                target[input * outputCount + output] = values[output * inputCount + input]
            }
        }
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
