import NuthatchTensors
import Testing

@Suite struct PackingTests {
    @Test(arguments: ElementFormat.allCases)
    func `native panels hold the file's values exactly`(_ format: ElementFormat) throws {
        let inputCount = format.blockLength == 1 ? 37 : 512
        let matrix = RandomMatrix(format, outputCount: 37, inputCount: inputCount)
        let packed = try matrix.packed()
        let expected = matrix.values
        for output in 0..<matrix.outputCount {
            let row = packed.weights(ofOutput: output)
            #expect(
                row.map(\.bitPattern)
                    == expected[output * inputCount..<(output + 1) * inputCount].map(\.bitPattern))
        }
    }

    @Test func `stacked sources follow each other, across panels`() throws {
        let first = RandomMatrix(.q4_1, outputCount: 21, inputCount: 64, seed: 1)
        let second = RandomMatrix(.q4_1, outputCount: 30, inputCount: 64, seed: 2)
        let packed = try RandomMatrix.packed([first, second])
        #expect(packed.outputCount == 51)
        #expect(packed.weights(ofOutput: 20) == Array(first.values[20 * 64..<21 * 64]))
        #expect(packed.weights(ofOutput: 21) == Array(second.values[0..<64]))
        #expect(packed.weights(ofOutput: 50) == Array(second.values[29 * 64..<30 * 64]))
    }

    @Test(arguments: ElementFormat.allCases)
    func `float precision computes in the decoded values`(_ format: ElementFormat) throws {
        let matrix = RandomMatrix(format, outputCount: 17, inputCount: 256)
        let expected = matrix.values
        let packed = try matrix.packed(.f32)
        #expect(packed.layout == .float32)
        for output in 0..<17 {
            #expect(packed.weights(ofOutput: output) == Array(expected[output * 256..<(output + 1) * 256]))
        }
    }

    @Test func `bfloat16 precision rounds to nearest`() throws {
        let matrix = RandomMatrix(.f32, outputCount: 3, inputCount: 45)
        let packed = try matrix.packed(.bf16)
        for output in 0..<3 {
            for (value, expected) in zip(
                packed.weights(ofOutput: output), matrix.values[output * 45..<(output + 1) * 45])
            {
                #expect(abs(value - expected) <= abs(expected) / 256)
                #expect(value.bitPattern & 0xFFFF == 0)
            }
        }
    }

    @Test func `8-bit precision is within half a step of each block's scale`() throws {
        let matrix = RandomMatrix(.f32, outputCount: 20, inputCount: 100)
        let packed = try matrix.packed(.q8)
        for output in 0..<20 {
            let expected = Array(matrix.values[output * 100..<(output + 1) * 100])
            let values = packed.weights(ofOutput: output)
            for start in stride(from: 0, to: 100, by: 32) {
                let block = start..<min(start + 32, 100)
                // half a step, and the scale's own rounding to binary16 over 127 steps
                let step = (expected[block].map(abs).max() ?? 0) / 127
                for index in block {
                    #expect(abs(values[index] - expected[index]) <= step * (0.5 + 127 / 2048))
                }
            }
        }
    }

    @Test(arguments: ElementFormat.allCases, WeightPrecision.allCases)
    func `bytes are known before packing`(_ format: ElementFormat, _ precision: WeightPrecision) throws {
        let matrix = RandomMatrix(format, outputCount: 33, inputCount: 512)
        let packed = try matrix.packed(precision, in: WeightArena())
        let predicted = PackedMatrix.byteCount(
            outputCount: 33, inputCount: 512, format: format, precision: precision)
        #expect(packed.byteCount == predicted)
    }

    /// Where it isn't known how much comes, where more comes than was said, and less.
    @Test(arguments: [0, 3 << 20, 1 << 30])
    func `matrices side by side are those packed alone`(_ expectedByteCount: Int) throws {
        let matrix = RandomMatrix(.f32, outputCount: 700, inputCount: 640)
        let alone = try matrix.packed()
        let values = (0..<700).map(alone.weights(ofOutput:))
        let arena = WeightArena(expectedByteCount: expectedByteCount)
        let pool = WorkerPool(workerCount: 3)
        let packed = try (0..<8).map { _ in try matrix.packed(in: arena, on: pool) }
        for other in packed { #expect((0..<700).map(other.weights(ofOutput:)) == values) }
    }

    @Test func `more memory than there is is refused with its size`() {
        #expect(throws: TensorError.self) { _ = try AlignedBuffer(byteCount: 1 << 60, purpose: "a test") }
        #expect(throws: TensorError.self) { _ = try AlignedBuffer(byteCount: -1, purpose: "a test") }
    }

    @Test(arguments: [0, 1, 100, 3 << 20])
    func `buffers are aligned and zero`(_ byteCount: Int) throws {
        let buffer = try AlignedBuffer(byteCount: byteCount, purpose: "a test")
        #expect(UInt(bitPattern: buffer.base) % 64 == 0)
        #expect(buffer.bytes.allSatisfy { $0 == 0 })
    }
}
