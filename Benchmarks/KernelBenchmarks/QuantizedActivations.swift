import CNuthatchKernels
import NuthatchTensors

/// Rows of activations, and where they are quantised to.
final class QuantizedActivations {
    let rowCount: Int
    private let columnCount: Int
    private let rows: Floats
    private let memory: AlignedBuffer

    init(rowCount: Int, columnCount: Int) throws(TensorError) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        rows = try Floats(random: rowCount * columnCount)
        memory = try AlignedBuffer(
            byteCount: QuantizedRows.byteCount(rowCount: rowCount, columnCount: columnCount),
            purpose: "quantised activations")
    }

    var blocks: UnsafeMutablePointer<nuthatch_activation_block> {
        memory.base.assumingMemoryBound(to: nuthatch_activation_block.self)
    }

    func quantize(on table: KernelTable) {
        table.functions.pointee.quantize_rows(rows.base, columnCount, rowCount, columnCount, blocks)
    }
}

/// Quantising of activations, out of caches: what is quantised was computed just before.
final class ActivationQuantizing: MeasuredKernel {
    let work: Work
    private let rows: QuantizedActivations

    init(rowCount: Int) throws(TensorError) {
        rows = try QuantizedActivations(rowCount: rowCount, columnCount: Shape.hidden)
        // Of each number: magnitude, largest, product, rounding (two operations), narrowing, sum.
        work = Work(floatCount: 7 * rowCount * Shape.hidden)
    }

    func run(on table: KernelTable) { rows.quantize(on: table) }
}
