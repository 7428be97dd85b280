import NuthatchCache
import NuthatchTensors

/// Multiplies an encoder's states with what every layer of the decoder makes keys and values of them with, and writes
/// those into the sources: once for a source, however long the answer.
struct SourcePass: WorkerProgram {
    let layers: [SourceLayer]
    let operations: Operations
    /// [row, hiddenSize]
    let states: Rows
    /// [row, keys | values], of one layer after the other.
    let keyValue: Rows
    let batch: SourceBatch
    let quantized: QuantizedRows

    func run(on worker: Worker) {
        let width = keyValue.columnCount / 2
        for (index, layer) in layers.enumerated() {
            operations.multiply(
                states, by: layer.keyValue.matrices, into: layer.keyValue.columns.map(keyValue.columns),
                scratch: quantized, on: worker)
            worker.barrier()
            if let bias = layer.keyValueBias {
                operations.add(bias: bias.base, to: keyValue, on: worker)
                worker.barrier()
            }
            batch.append(
                keys: keyValue.columns(0..<width), values: keyValue.columns(width..<2 * width), layer: index,
                on: worker)
            worker.barrier()
        }
    }
}
