import NuthatchTensors
import Testing

/// Gate and up multiplied and activated in one phase, against each operation by itself.
@Suite struct GateTests {
    struct Shape: Sendable {
        /// Outputs of the gate, and of up.
        let width: Int
        let formats: [ElementFormat]
        var isGated = true
        var hasBias = false
    }

    static let shapes = [
        Shape(width: 64, formats: [.q4_0, .q4_0]),
        Shape(width: 160, formats: [.f16, .f16], hasBias: true),
        Shape(width: 48, formats: [.q4_1, .q8_0], hasBias: true),
        Shape(width: 48, formats: [.q4_0, .f32]),
        // Gate and up meet inside a panel.
        Shape(width: 40, formats: [.q8_0, .q8_0], hasBias: true),
        Shape(width: 21, formats: [.f32, .q4_0]),
        Shape(width: 5, formats: [.bf16, .bf16]),
        Shape(width: 37, formats: [.q4_0], isGated: false, hasBias: true),
    ]

    @Test(arguments: shapes.indices, [1, 4, 6, 40])
    func `one phase equals one operation after another`(_ index: Int, _ rowCount: Int) throws {
        let shape = Self.shapes[index]
        let inputCount = 96
        var random = SteadyRandom(seed: UInt64(index))
        let input = OwnedRows(random.floats(rowCount * inputCount), columnCount: inputCount)
        let bias = random.floats(2 * shape.width)
        let matrices = shape.formats.enumerated().map { number, format in
            RandomMatrix(format, outputCount: shape.width, inputCount: inputCount, seed: UInt64(number))
        }
        let isOne = Set(shape.formats).count == 1
        let packed = try isOne ? [RandomMatrix.packed(matrices)] : matrices.map { try $0.packed() }
        for kernels in KernelTable.available {
            let expected = try Self.separate(shape, input.rows, packed, bias, Operations(kernels: kernels))
            for workerCount in [1, 3] {
                for isQuantized in [false, true] {
                    let actual = try Self.together(
                        shape, input.rows, packed, bias, Operations(kernels: kernels),
                        workerCount: workerCount, isQuantized: isQuantized)
                    #expect(
                        actual.map(\.bitPattern) == expected.map(\.bitPattern),
                        "\(kernels.name), \(workerCount) workers, quantised before: \(isQuantized)")
                }
            }
        }
    }

    /// Where products go, and its memory.
    private static func target(_ shape: Shape, rowCount: Int, _ packed: [PackedMatrix]) -> (
        OwnedRows, GateRows
    ) {
        let count = (shape.isGated ? 2 : 1) * shape.width
        let owned = OwnedRows([Float](repeating: .nan, count: rowCount * count), columnCount: count)
        var start = 0
        let outputs = packed.map { matrix in
            defer { start += matrix.outputCount }
            return owned.rows.columns(start..<start + matrix.outputCount)
        }
        let rows = GateRows(
            gate: owned.rows.columns(0..<shape.width),
            up: shape.isGated ? owned.rows.columns(shape.width..<count) : nil, outputs: outputs)
        return (owned, rows)
    }

    /// The gate's columns.
    private static func values(_ owned: OwnedRows, _ rows: GateRows) -> [Float] {
        withExtendedLifetime(owned) {
            (0..<rows.gate.rowCount).flatMap { row in (0..<rows.gate.columnCount).map { rows.gate[row][$0] } }
        }
    }

    private static func separate(
        _ shape: Shape, _ input: Rows, _ packed: [PackedMatrix], _ bias: [Float], _ operations: Operations
    ) throws -> [Float] {
        let (owned, rows) = target(shape, rowCount: input.rowCount, packed)
        let scratch = try QuantizedRows(
            maximumRowCount: input.rowCount, maximumColumnCount: input.columnCount)
        WorkerPool(workerCount: 1).run(
            Together { worker in
                for (matrix, output) in zip(packed, rows.outputs) {
                    operations.multiply(input, by: matrix, into: output, scratch: scratch, on: worker)
                    worker.barrier()
                }
                if shape.hasBias {
                    bias.withUnsafeBufferPointer { bias in
                        guard let base = bias.baseAddress else { return }
                        operations.add(bias: base, to: rows.gate, on: worker)
                        if let up = rows.up {
                            operations.add(bias: base + shape.width, to: up, on: worker)
                        }
                    }
                }
                operations.activate(
                    rows.gate, times: rows.up, activation: .silu, into: rows.gate, on: worker)
            })
        return values(owned, rows)
    }

    private static func together(
        _ shape: Shape, _ input: Rows, _ packed: [PackedMatrix], _ bias: [Float], _ operations: Operations,
        workerCount: Int, isQuantized: Bool
    ) throws -> [Float] {
        let (owned, rows) = target(shape, rowCount: input.rowCount, packed)
        let scratch = try QuantizedRows(
            maximumRowCount: input.rowCount, maximumColumnCount: input.columnCount)
        bias.withUnsafeBufferPointer { bias in
            WorkerPool(workerCount: workerCount).run(
                Together { worker in
                    if isQuantized {
                        worker.forEachOwnTile(of: input.rowCount) { tile in
                            operations.quantize(input, tile, into: scratch)
                        }
                        worker.barrier()
                    }
                    operations.multiplyAndActivate(
                        input, isQuantized: isQuantized, by: packed,
                        bias: shape.hasBias ? bias.baseAddress : nil, activation: .silu, into: rows,
                        scratch: scratch, on: worker)
                })
        }
        return values(owned, rows)
    }
}
