import CNuthatchKernels
import NuthatchTensors

/// Rows times a matrix of floats.
final class FloatProduct: MeasuredKernel {
    let work: Work
    var ring: Ring? { matrix.ring }
    private let matrix: Matrix
    private let rowCount: Int
    private let input: Floats
    private let output: Floats

    init(format: WeightFormat, rowCount: Int) throws(TensorError) {
        self.rowCount = rowCount
        matrix = try Matrix(format)
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
