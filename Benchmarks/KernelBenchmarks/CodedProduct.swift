import CNuthatchKernels
import NuthatchTensors

enum CodedFormat: String, CaseIterable {
    case q4_0, q4_1, q8_0
    case q4K = "q4_k"
    case q6K = "q6_k"

    var kernelFormat: nuthatch_format {
        switch self {
        case .q4_0: NUTHATCH_Q4_0
        case .q4_1: NUTHATCH_Q4_1
        case .q8_0: NUTHATCH_Q8_0
        case .q4K: NUTHATCH_Q4_K
        case .q6K: NUTHATCH_Q6_K
        }
    }
}

/// Quantised rows times a matrix of codes.
final class CodedProduct: MeasuredKernel {
    let work: Work
    var ring: Ring? { matrix.ring }
    private let matrix: Matrix
    private let rows: QuantizedActivations
    private let output: Floats

    init(format: CodedFormat, rowCount: Int) throws(TensorError) {
        matrix = try Matrix(format.kernelFormat)
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
