import Foundation
import NuthatchTensors
import Testing

/// Norms, rotations, activations and sums: each table against formulas in double precision, and all against each other.
@Suite struct RowOperationTests {
    private static let columnCounts = [1, 7, 16, 31, 64, 577]
    private static let rowCount = 5

    private static func input(_ columnCount: Int, in range: ClosedRange<Float> = -4...4) -> [Float] {
        var random = SteadyRandom(seed: UInt64(columnCount))
        return random.floats(rowCount * columnCount, in: range)
    }

    /// Runs `body` by every table and 1, 2 and 7 workers on misaligned rows; expects equal bits and returns the values.
    private static func results(
        of input: [Float], columnCount: Int, _ body: (Operations, Rows, Worker) -> Void
    ) -> [Float] {
        var first: [Float]?
        for kernels in KernelTable.available {
            for workerCount in [1, 2, 7] {
                let target = OwnedRows(input, columnCount: columnCount, shift: 3, padding: 2)
                withoutActuallyEscaping(body) { body in
                    WorkerPool(workerCount: workerCount).run(
                        Together { body(Operations(kernels: kernels), target.rows, $0) })
                }
                #expect(target.isPaddingUntouched)
                let values = target.values
                if let first {
                    #expect(
                        values.map(\.bitPattern) == first.map(\.bitPattern),
                        "\(kernels.name), \(workerCount) workers, \(columnCount) columns")
                } else {
                    first = values
                }
            }
        }
        return first ?? []
    }

    private static func expectClose(
        _ actual: [Float], _ expected: [Double], relative: Double, absolute: Double = 0
    ) {
        #expect(actual.count == expected.count)
        for (actual, expected) in zip(actual, expected) {
            #expect(
                abs(Double(actual) - expected) <= abs(expected) * relative + absolute,
                "\(actual), not \(expected)")
        }
    }

    private static func rows(_ values: [Float], _ columnCount: Int) -> [[Double]] {
        stride(from: 0, to: values.count, by: columnCount).map { start in
            values[start..<start + columnCount].map(Double.init)
        }
    }

    @Test(arguments: columnCounts)
    func `RMS norm scales by the root of the mean square`(_ columnCount: Int) {
        let input = Self.input(columnCount)
        let weight = Self.input(columnCount, in: 0.5...2)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            weight.withUnsafeBufferPointer { weight in
                guard let weight = weight.baseAddress else { return }
                operations.rmsNorm(
                    rows, weight: weight, weightOffset: 1, epsilon: 1e-5, into: rows, on: worker)
            }
        }
        let expected = Self.rows(input, columnCount).flatMap { row in
            let meanSquare = row.map { $0 * $0 }.reduce(0, +) / Double(columnCount)
            return row.enumerated().map { $1 / (meanSquare + 1e-5).squareRoot() * (Double(weight[$0]) + 1) }
        }
        Self.expectClose(actual, expected, relative: 1e-6)
    }

    @Test(arguments: columnCounts, [true, false])
    func `layer norm centres and scales`(_ columnCount: Int, _ hasBias: Bool) {
        let input = Self.input(columnCount, in: 8...12)
        let weight = Self.input(columnCount, in: 0.5...2)
        let bias = Self.input(columnCount, in: -1...1)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            weight.withUnsafeBufferPointer { weight in
                bias.withUnsafeBufferPointer { bias in
                    guard let weight = weight.baseAddress else { return }
                    operations.layerNorm(
                        rows, weight: weight, bias: hasBias ? bias.baseAddress : nil, epsilon: 1e-5,
                        into: rows,
                        on: worker)
                }
            }
        }
        let expected = Self.rows(input, columnCount).flatMap { row in
            let mean = row.reduce(0, +) / Double(columnCount)
            let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columnCount)
            return row.enumerated().map { index, value in
                (value - mean) / (variance + 1e-5).squareRoot() * Double(weight[index])
                    + (hasBias ? Double(bias[index]) : 0)
            }
        }
        // The mean, near 10, is rounded; with one column the deviation itself is that rounding.
        Self.expectClose(actual, expected, relative: 2e-6, absolute: 1e-5)
    }

    @Test(arguments: [RotaryPairing.halves, .neighbours], [4, 20, 64])
    func `rotation turns pairs and leaves the rest of a head`(_ pairing: RotaryPairing, _ rotated: Int) {
        let headCount = 3
        let headDimension = rotated + 6
        let columnCount = headCount * headDimension
        let input = Self.input(columnCount)
        let half = rotated / 2
        var random = SteadyRandom(seed: 3)
        let angles = random.floats(Self.rowCount * half, in: -7...7)
        let cosines = OwnedRows(angles.map { Float(cos(Double($0))) }, columnCount: half)
        let sines = OwnedRows(angles.map { Float(sin(Double($0))) }, columnCount: half)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            operations.rotate(
                rows, headCount: headCount, headDimension: headDimension, cosines: cosines.rows,
                sines: sines.rows,
                pairing: pairing, on: worker)
        }
        var expected = input.map(Double.init)
        for row in 0..<Self.rowCount {
            for head in 0..<headCount {
                let start = row * columnCount + head * headDimension
                for pair in 0..<half {
                    let (a, b) = pairing == .halves ? (pair, pair + half) : (2 * pair, 2 * pair + 1)
                    let cosine = Double(cosines.rows[row][pair])
                    let sine = Double(sines.rows[row][pair])
                    let (first, second) = (Double(input[start + a]), Double(input[start + b]))
                    expected[start + a] = first * cosine - second * sine
                    expected[start + b] = second * cosine + first * sine
                }
            }
        }
        Self.expectClose(actual, expected, relative: 0, absolute: 8 * 0x1p-23)
    }

    private static func exact(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .silu: x / (1 + exp(-x))
        case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .geluErf: 0.5 * x * erfc(-x / 2.0.squareRoot())
        case .relu: max(x, 0)
        case .geluLogistic: x / (1 + exp(-1.702 * x))
        }
    }

    @Test(arguments: Activation.allCases, columnCounts)
    func `activations follow their formulas`(_ activation: Activation, _ columnCount: Int) {
        let gate = Self.input(columnCount, in: -9...9)
        let up = OwnedRows(Self.input(columnCount, in: 0.5...2), columnCount: columnCount)
        for times in [nil, up.rows] {
            let actual = Self.results(of: gate, columnCount: columnCount) { operations, rows, worker in
                operations.activate(rows, times: times, activation: activation, into: rows, on: worker)
            }
            let upValues = up.values
            let expected = gate.indices.map { index in
                Self.exact(activation, Double(gate[index])) * (times == nil ? 1 : Double(upValues[index]))
            }
            // exp of an argument near 40 has a relative error of that argument's last place: 40 * 2^-24 = 2.4e-6.
            Self.expectClose(actual, expected, relative: 6e-6, absolute: 1e-9)
        }
    }

    @Test func `silu is within three units in the last place`() {
        let columnCount = 4096
        var random = SteadyRandom(seed: 11)
        let input = random.floats(Self.rowCount * columnCount, in: -80...80)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            operations.activate(rows, times: nil, activation: .silu, into: rows, on: worker)
        }
        for (x, value) in zip(input, actual) {
            let expected = Self.exact(.silu, Double(x))
            #expect(abs(Double(value) - expected) <= 3 * Double(Float(expected).ulp))
        }
    }

    @Test(arguments: columnCounts)
    func `soft cap is within three units in the last place`(_ columnCount: Int) {
        let input = Self.input(columnCount, in: -200...200) + Self.input(columnCount, in: -0.01...0.01)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            operations.softcap(rows, cap: 30, on: worker)
        }
        Self.expectClose(actual, input.map { 30 * tanh(Double($0) / 30) }, relative: 3 * 0x1p-23)
    }

    @Test(arguments: columnCounts)
    func `sums, biases and factors are single roundings`(_ columnCount: Int) {
        let input = Self.input(columnCount)
        let addend = OwnedRows(Self.input(columnCount, in: -1...1), columnCount: columnCount, shift: 1)
        let bias = Self.input(columnCount, in: -2...2)
        let actual = Self.results(of: input, columnCount: columnCount) { operations, rows, worker in
            operations.add(addend.rows, to: rows, on: worker)
            worker.barrier()
            bias.withUnsafeBufferPointer { bias in
                guard let bias = bias.baseAddress else { return }
                operations.add(bias: bias, to: rows, on: worker)
            }
            worker.barrier()
            operations.scale(rows, by: 0.3, on: worker)
        }
        let addends = addend.values
        let expected = input.indices.map { (input[$0] + addends[$0] + bias[$0 % columnCount]) * 0.3 }
        #expect(actual == expected)
    }

    @Test func `infinities and NaN pass through activations as IEEE has it`() {
        let input: [Float] = [.infinity, .nan, 1000, -1000]
        let values = Self.results(of: input, columnCount: 4) { operations, rows, worker in
            operations.activate(rows, times: nil, activation: .silu, into: rows, on: worker)
        }
        #expect(values[0] == .infinity)
        #expect(values[1].isNaN)
        #expect(values[2] == 1000)
        #expect(abs(values[3]) < 1e-30)
    }
}
