import CNuthatchKernels
import NuthatchTensors

/// What is done to the numbers of rows one by one, out of caches.
enum RowOperation: String, CaseIterable {
    case rmsNorm = "rms-norm"
    case layerNorm = "layer-norm"
    case rotateHalves = "rotate-halves"
    case rotateNeighbours = "rotate-neighbours"
    case silu
    case geluTanh = "gelu-tanh"

    var width: Int {
        switch self {
        case .rmsNorm, .layerNorm: Shape.hidden
        case .rotateHalves, .rotateNeighbours: Shape.headCount * Shape.headDimension
        case .silu, .geluTanh: Shape.feedForward
        }
    }

    /// Operations on each number, by the formulas in elementwise.h and transcendental.h.
    var operationCount: Int {
        switch self {
        // The square; factor, offset and weight.
        case .rmsNorm: 4
        // The sum; deviation and square; deviation, factor, weight with bias.
        case .layerNorm: 6
        // Four for each pair.
        case .rotateHalves, .rotateNeighbours: 2
        // 17 of the exponential; sum, quotient, and the product with `up`.
        case .silu: 20
        // Those, and five of the argument.
        case .geluTanh: 25
        }
    }
}

final class RowKernel: MeasuredKernel {
    let work: Work
    /// Rows that with everything else of theirs fit a first-level cache.
    private static let rowCount = 2
    private let operation: RowOperation
    private let input: Floats
    private let output: Floats
    /// Weights, biases, gates' partners, or cosines and sines; one row.
    private let first: Floats
    private let second: Floats

    init(_ operation: RowOperation) throws(TensorError) {
        self.operation = operation
        let count = Self.rowCount * operation.width
        input = try Floats(random: count)
        output = try Floats(count: count)
        first = try Floats(random: operation.width)
        second = try Floats(random: operation.width)
        if operation == .rotateHalves || operation == .rotateNeighbours {
            // A turn by nothing costs the same, and numbers turned in place over and over stay as they are.
            first.base.update(repeating: 1, count: operation.width)
            second.base.update(repeating: 0, count: operation.width)
        }
        work = Work(floatCount: operation.operationCount * count)
    }

    func run(on table: KernelTable) {
        for row in 0..<Self.rowCount { run(table.functions.pointee, at: row * operation.width) }
    }

    private func run(_ kernels: nuthatch_kernel_table, at offset: Int) {
        let (from, to, width) = (input.base + offset, output.base + offset, operation.width)
        switch operation {
        case .rmsNorm: kernels.rms_norm(from, first.base, 0, 1e-5, width, to)
        case .layerNorm: kernels.layer_norm(from, first.base, second.base, 1e-5, width, to)
        case .rotateHalves:
            kernels.rotate_halves(
                from, Shape.headCount, Shape.headDimension, first.base, second.base, Shape.headDimension / 2)
        case .rotateNeighbours:
            kernels.rotate_neighbours(
                from, Shape.headCount, Shape.headDimension, first.base, second.base, Shape.headDimension / 2)
        case .silu: kernels.activate(from, first.base, NUTHATCH_SILU, width, to)
        case .geluTanh: kernels.activate(from, first.base, NUTHATCH_GELU_TANH, width, to)
        }
    }
}
