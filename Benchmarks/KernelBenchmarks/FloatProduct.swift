import CNuthatchKernels
import NuthatchTensors

enum FloatFormat: String, CaseIterable {
    case f32, f16, bf16

    var kernelFormat: nuthatch_format {
        switch self {
        case .f32: NUTHATCH_F32
        case .f16: NUTHATCH_F16
        case .bf16: NUTHATCH_BF16
        }
    }
}

/// Rows times a matrix of floats.
final class FloatProduct: MeasuredKernel {
    let work: Work
    var ring: Ring? { matrix.ring }
    private let matrix: Matrix
    private let rowCount: Int
    private let input: Floats
    private let output: Floats

    init(format: FloatFormat, rowCount: Int) throws(TensorError) {
        self.rowCount = rowCount
        matrix = try Matrix(format.kernelFormat)
        input = try Floats(random: rowCount * Matrix.inputCount)
        output = try Floats(count: rowCount * Matrix.outputCount)
        work = Work(
            streamedByteCount: matrix.byteCount,
            floatCount: rowCount * Matrix.inputCount * Matrix.outputCount)
    }

    func run(on table: KernelTable) {
        var weights = matrix.next()
        table.functions.pointee.multiply_floats(
            &weights, 0, Matrix.panelCount, input.base, Matrix.inputCount, rowCount, output.base,
            Matrix.outputCount)
    }
}
