import NuthatchTensors
import Testing

/// Products by every table this CPU runs, against the scalar one and against a run in double precision.
@Suite struct MultiplicationTests {
    private static let rowCounts = [1, 2, 3, 5, 8, 17, 52, 145]

    /// Activations with a wide range of sizes, one row of zeros.
    private static func activations(rowCount: Int, columnCount: Int) -> [Float] {
        var random = SteadyRandom(seed: 7)
        return (0..<rowCount).flatMap { row in
            let size: Float = row == 2 ? 0 : row % 3 == 0 ? 30 : 0.3
            return random.floats(columnCount, in: -1...1).map { $0 * size }
        }
    }

    private static func product(
        _ input: [Float], _ packed: PackedMatrix, kernels: KernelTable, workerCount: Int = 1
    ) throws -> [Float] {
        let columnCount = packed.inputCount
        let rowCount = input.count / columnCount
        let from = OwnedRows(input, columnCount: columnCount, shift: 1, padding: 3)
        let to = OwnedRows(
            [Float](repeating: .nan, count: rowCount * packed.outputCount), columnCount: packed.outputCount,
            shift: 3, padding: 5)
        let scratch = try QuantizedRows(maximumRowCount: rowCount, maximumColumnCount: columnCount)
        let operations = Operations(kernels: kernels)
        WorkerPool(workerCount: workerCount).run(
            Together { worker in
                operations.multiply(from.rows, by: packed, into: to.rows, scratch: scratch, on: worker)
            })
        #expect(to.isPaddingUntouched)
        return to.values
    }

    private static func shapes(of format: ElementFormat) -> [(Int, Int)] {
        switch format.blockLength {
        case 1: [(1, 1), (16, 32), (37, 37), (70, 300), (33, 515)]
        // beyond 2,048 inputs the tile kernel works a panel off in parts
        case 32: [(1, 32), (37, 96), (48, 576), (17, 2144)]
        default: [(1, 256), (37, 512), (17, 2304)]
        }
    }

    @Test(arguments: ElementFormat.allCases)
    func `all tables agree to the bit, whatever the rows and workers`(_ format: ElementFormat) throws {
        for (outputCount, inputCount) in Self.shapes(of: format) {
            let matrix = RandomMatrix(format, outputCount: outputCount, inputCount: inputCount)
            let packed = try matrix.packed()
            let input = Self.activations(
                rowCount: Self.rowCounts.max() ?? 0, columnCount: inputCount)
            let scalar = try #require(KernelTable.named("scalar"))
            let expected = try Self.product(input, packed, kernels: scalar).map(\.bitPattern)
            for kernels in KernelTable.available {
                for rowCount in Self.rowCounts {
                    let workerCount = 1 + rowCount % 3
                    let actual = try Self.product(
                        Array(input[..<(rowCount * inputCount)]), packed, kernels: kernels,
                        workerCount: workerCount)
                    #expect(
                        actual.map(\.bitPattern) == Array(expected[..<(rowCount * outputCount)]),
                        "\(kernels.name), \(rowCount) rows, \(outputCount) x \(inputCount)")
                }
            }
        }
    }

    @Test(arguments: ElementFormat.allCases.filter { $0.blockLength == 1 })
    func `float products are as exact as float sums can be`(_ format: ElementFormat) throws {
        let matrix = RandomMatrix(format, outputCount: 40, inputCount: 700)
        let packed = try matrix.packed()
        let input = Self.activations(rowCount: 3, columnCount: 700)
        let actual = try Self.product(input, packed, kernels: .best)
        let weights = matrix.values
        for row in 0..<3 {
            for output in 0..<40 {
                let terms = (0..<700).map {
                    Double(weights[output * 700 + $0]) * Double(input[row * 700 + $0])
                }
                // Chunks of 256 terms: no more than 256 + 3 roundings of half an ulp of the running sum.
                let bound = terms.map(abs).reduce(0, +) * 259 * 0x1p-24
                #expect(abs(Double(actual[row * 40 + output]) - terms.reduce(0, +)) <= bound)
            }
        }
    }

    /// A run in double precision on activations quantised as documented: int8 per 32, scale max / 127.
    @Test(arguments: ElementFormat.allCases.filter { $0.blockLength > 1 })
    func `coded products equal a naive run on 8-bit activations`(_ format: ElementFormat) throws {
        let matrix = RandomMatrix(format, outputCount: 20, inputCount: 512)
        let packed = try matrix.packed()
        let input = Self.activations(rowCount: 4, columnCount: 512)
        let rounded = Self.quantized(input)
        let actual = try Self.product(input, packed, kernels: .best)
        let weights = matrix.values
        for row in 0..<4 {
            for output in 0..<20 {
                let terms = (0..<512).map {
                    Double(weights[output * 512 + $0]) * Double(rounded[row * 512 + $0])
                }
                // Centred codes and minima are summed apart and may cancel: the bound counts both sides.
                let size = (0..<512).map { abs(Double(rounded[row * 512 + $0])) }.reduce(0, +) * 4
                #expect(abs(Double(actual[row * 20 + output]) - terms.reduce(0, +)) <= size * 64 * 0x1p-24)
            }
        }
    }

    private static func quantized(_ values: [Float]) -> [Float] {
        stride(from: 0, to: values.count, by: 32).flatMap { start in
            let block = values[start..<start + 32]
            let largest = block.map(abs).max() ?? 0
            return block.map { value in
                largest == 0 ? 0 : (value * (127 / largest)).rounded(.toNearestOrEven) * (largest / 127)
            }
        }
    }

    @Test func `several matrices in one phase equal one by one`() throws {
        let formats: [ElementFormat] = [.q4_1, .f16, .q8_0, .q4_0]
        let matrices = try formats.enumerated().map { index, format in
            try RandomMatrix(format, outputCount: 10 + 23 * index, inputCount: 96).packed()
        }
        for rowCount in [1, 6] {
            let input = Self.activations(rowCount: rowCount, columnCount: 96)
            let from = OwnedRows(input, columnCount: 96)
            let outputs = matrices.map { matrix in
                OwnedRows(
                    [Float](repeating: 0, count: rowCount * matrix.outputCount),
                    columnCount: matrix.outputCount)
            }
            let scratch = try QuantizedRows(maximumRowCount: rowCount, maximumColumnCount: 96)
            let operations = Operations()
            WorkerPool(workerCount: 3).run(
                Together { worker in
                    operations.multiply(
                        from.rows, by: matrices, into: outputs.map(\.rows), scratch: scratch, on: worker)
                })
            for (matrix, output) in zip(matrices, outputs) {
                let alone = try Self.product(input, matrix, kernels: .best)
                #expect(output.values.map(\.bitPattern) == alone.map(\.bitPattern))
            }
        }
    }

    @Test(arguments: KernelTable.available.map(\.name))
    func `infinity and NaN in a row come out as NaN, and stay in their row`(_ table: String) throws {
        let kernels = try #require(KernelTable.named(table))
        let packed = try RandomMatrix(.q4_0, outputCount: 16, inputCount: 64).packed()
        var input = Self.activations(rowCount: 3, columnCount: 64)
        input[64 + 5] = .infinity
        input[128 + 40] = .nan
        let output = try Self.product(input, packed, kernels: kernels)
        #expect(output[..<16].allSatisfy { $0.isFinite })
        #expect(output[16...].allSatisfy { $0.isNaN })
    }
}
