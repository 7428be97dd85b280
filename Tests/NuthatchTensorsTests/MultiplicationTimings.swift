import Foundation
import NuthatchTensors
import Testing

/// Prints how fast SmolLM2-135M's matrices are multiplied. Asserts nothing: run with NUTHATCH_BENCH=1.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["NUTHATCH_BENCH"] != nil), .serialized)
struct MultiplicationTimings {
    private struct Layer {
        let attentionInput, attentionOutput, feedForwardInput, feedForwardOutput: PackedMatrix
        var all: [PackedMatrix] { [attentionInput, attentionOutput, feedForwardInput, feedForwardOutput] }
    }

    private static func matrix(
        _ format: ElementFormat, _ outputCount: Int, _ inputCount: Int, _ arena: WeightArena
    ) throws -> PackedMatrix {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: format.byteCount(elementCount: outputCount * inputCount) ?? 0, alignment: 64)
        defer { bytes.deallocate() }
        bytes.initializeMemory(as: UInt8.self, repeating: 0x21)
        return try PackedMatrix(
            [
                StoredMatrix(
                    format: format, outputCount: outputCount, inputCount: inputCount,
                    bytes: UnsafeRawBufferPointer(bytes), tensor: "weight")
            ], precision: .native, in: arena)
    }

    private func median(_ repetitions: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let times = (0..<repetitions).map { _ in clock.measure(body) / .seconds(1) }
        return times.sorted()[repetitions / 2]
    }

    @Test(
        arguments: [ElementFormat.q4_1, .q4_0, .q8_0, .q4K, .bf16, .f32], KernelTable.available.map(\.name))
    func smolLM2(_ format: ElementFormat, _ table: String) throws {
        let kernels = try #require(KernelTable.named(table))
        let environment = ProcessInfo.processInfo.environment
        if let only = environment["NUTHATCH_BENCH_TABLE"], only != table { return }
        if let only = environment["NUTHATCH_BENCH_FORMAT"], only != format.rawValue { return }
        // Formats of 256 need such inputs: 512 stands for 576 there.
        let hidden = format.blockLength == 256 ? 512 : 576
        let arena = WeightArena()
        let layers = try (0..<30).map { _ in
            Layer(
                attentionInput: try Self.matrix(format, 960, hidden, arena),
                attentionOutput: try Self.matrix(format, 576, hidden, arena),
                feedForwardInput: try Self.matrix(format, 3072, hidden, arena),
                feedForwardOutput: try Self.matrix(format, 576, 1536, arena))
        }
        let head = try Self.matrix(format, 49152, hidden, arena)
        let byteCount = layers.flatMap(\.all).map(\.byteCount).reduce(0, +)
        let rowCount = 512
        let hiddenRows = OwnedRows([Float](repeating: 0.5, count: rowCount * hidden), columnCount: hidden)
        let wideRows = OwnedRows([Float](repeating: 0.5, count: rowCount * 1536), columnCount: 1536)
        let outputRows = OwnedRows([Float](repeating: 0, count: rowCount * 3072), columnCount: 3072)
        let logits = OwnedRows([Float](repeating: 0, count: 8 * 49152), columnCount: 49152)
        let scratch = try QuantizedRows(maximumRowCount: rowCount, maximumColumnCount: 1536)
        let operations = Operations(kernels: kernels)

        func step(_ rowCount: Int, withHead: Bool, _ worker: Worker) {
            let input = hiddenRows.rows.rows(0..<rowCount)
            let wide = wideRows.rows.rows(0..<rowCount)
            let output = outputRows.rows.rows(0..<rowCount)
            for layer in layers {
                operations.multiply(
                    input, by: layer.attentionInput, into: output, scratch: scratch, on: worker)
                worker.barrier()
                operations.multiply(
                    input, by: layer.attentionOutput, into: output, scratch: scratch, on: worker)
                worker.barrier()
                operations.multiply(
                    input, by: layer.feedForwardInput, into: output, scratch: scratch, on: worker)
                worker.barrier()
                operations.multiply(
                    wide, by: layer.feedForwardOutput, into: output, scratch: scratch, on: worker)
                worker.barrier()
            }
            if withHead {
                operations.multiply(
                    input, by: head, into: logits.rows.rows(0..<rowCount), scratch: scratch, on: worker)
            }
        }

        for workerCount in [1, 2] {
            let pool = WorkerPool(workerCount: workerCount)
            let slow = table == "scalar" ? 20 : 1
            for rows in [1, 4, 8] {
                let time = median(max(3, 60 / slow)) {
                    pool.run(Together { step(rows, withHead: true, $0) })
                }
                let bytes = Double(byteCount + head.byteCount)
                print(
                    "\(table) \(format.rawValue) \(workerCount) workers, \(rows) rows with output layer:",
                    "\((time * 1e5).rounded() / 100) ms, \((bytes / time / 1e8).rounded() / 10) GB/s")
            }
            let time = median(max(1, 7 / slow)) {
                pool.run(Together { step(rowCount, withHead: false, $0) })
            }
            let products = Double(30 * (960 + 576 + 3072) * hidden + 30 * 576 * 1536) * Double(rowCount)
            print(
                "\(table) \(format.rawValue) \(workerCount) workers, \(rowCount) rows:",
                "\((Double(rowCount) / time).rounded()) rows/s, \((2 * products / time / 1e9).rounded()) GOP/s"
            )
        }
    }
}
