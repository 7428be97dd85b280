import CNuthatchKernels
import NuthatchTensors

/// Quantised rows times a matrix of codes.
final class CodedProduct: MeasuredKernel {
    let work: Work
    var ring: Ring? { matrix.ring }
    private let matrix: Matrix
    private let rows: QuantizedActivations
    private let output: Floats

    init(format: WeightFormat, rowCount: Int) throws(TensorError) {
        matrix = try Matrix(format)
        rows = try QuantizedActivations(rowCount: rowCount, columnCount: Matrix.inputCount)
        output = try Floats(count: rowCount * Matrix.outputCount)
        work = Work(
            streamedByteCount: matrix.byteCount,
            byteProductCount: rowCount * Matrix.inputCount * Matrix.outputCount)
    }

    func prepare(for table: KernelTable) { rows.quantize(on: table) }

    // All rows at once, as they were quantised: a table may have interleaved them.
    func run(on table: KernelTable) {
        var weights = matrix.next()
        table.functions.pointee.multiply_codes(
            &weights, 0, Matrix.panelCount, rows.blocks, rows.rowCount, output.base, Matrix.outputCount)
    }
}
