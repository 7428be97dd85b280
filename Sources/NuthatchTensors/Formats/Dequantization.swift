import CNuthatchKernels

extension ElementFormat {
    /// Decodes whole blocks into float32, element by element in stored order.
    ///
    /// The definition of what each format's bytes mean: scalar, with the roundings of ggml's reference (each
    /// product and each sum rounded to float32, never fused). `bytes` may lie at any alignment.
    /// - Precondition: `bytes` are exactly the blocks of `output.count` elements.
    package func decode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(
            byteCount(elementCount: output.count) == bytes.count, "bytes and floats count the same elements")
        guard let source = bytes.baseAddress, let target = output.baseAddress else { return }
        decoder(source, target, output.count / blockLength)
    }

    /// (blocks, floats, block count)
    private var decoder: (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void {
        switch self {
        case .f32: nuthatch_dequantize_f32
        case .f16: nuthatch_dequantize_f16
        case .bf16: nuthatch_dequantize_bf16
        case .q4_0: nuthatch_dequantize_q4_0
        case .q4_1: nuthatch_dequantize_q4_1
        case .q5_0: nuthatch_dequantize_q5_0
        case .q5_1: nuthatch_dequantize_q5_1
        case .q8_0: nuthatch_dequantize_q8_0
        case .q2K: nuthatch_dequantize_q2_k
        case .q3K: nuthatch_dequantize_q3_k
        case .q4K: nuthatch_dequantize_q4_k
        case .q5K: nuthatch_dequantize_q5_k
        case .q6K: nuthatch_dequantize_q6_k
        }
    }
}

extension StoredMatrix {
    /// The bytes of some adjacent rows.
    package func rowBytes(_ rows: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= outputCount, "rows within the matrix")
        return UnsafeRawBufferPointer(
            rebasing: bytes[rows.lowerBound * rowByteCount..<rows.upperBound * rowByteCount])
    }

    /// Decodes some adjacent rows into `output`, [rows.count, inputCount], row after row.
    package func decode(rows: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(output.count == rows.count * inputCount, "output for exactly these rows")
        format.decode(rowBytes(rows), into: output)
    }

    /// Decodes some adjacent rows into rows of activations, as an embedding look-up does.
    package func decode(rows: Range<Int>, into output: Rows) {
        precondition(
            output.rowCount == rows.count && output.columnCount == inputCount, "output for exactly these rows"
        )
        for (index, row) in rows.enumerated() {
            format.decode(
                rowBytes(row..<row + 1),
                into: UnsafeMutableBufferPointer(start: output[index], count: inputCount))
        }
    }
}
