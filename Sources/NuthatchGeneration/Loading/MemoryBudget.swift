import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors

/// What a model will take of memory, held against what there is before anything is loaded.
struct MemoryBudget {
    /// Packed weights and scratch memory.
    let modelByteCount: Int
    /// What is left for keys and values; nil where the system does not say how much it has.
    let kvByteCount: Int?

    /// - Throws: `NuthatchError` (outOfMemory) with the numbers, where the model does not fit.
    init(
        _ checkpoint: Checkpoint, described header: ModelHeader, options: LoadOptions
    ) throws {
        switch header {
        case .decoder(let description):
            modelByteCount =
                try Decoder.plan(checkpoint, described: description, precision: options.precision).byteCount
                + VisionTower.plannedByteCount(
                    checkpoint, described: description, precision: options.precision)
        case .encoderDecoder(let description):
            modelByteCount =
                try EncoderDecoder.plan(
                    checkpoint, described: description, precision: options.precision
                ).byteCount
        }
        let available = ProcessLimits.now.availableByteCount
        guard let limit = [options.memoryBudget, available].compactMap({ $0 }).min() else {
            kvByteCount = nil
            return
        }
        guard modelByteCount < limit else {
            let numbers = ByteQuantity.texts(modelByteCount, limit)
            let origin = limit == options.memoryBudget ? "allowed" : "free"
            throw NuthatchError(
                code: .outOfMemory,
                message: "\(checkpoint.name) needs \(numbers[0]) for weights and scratch memory; "
                    + "\(numbers[1]) are \(origin).",
                remedy:
                    "Load its weights as q8 or in the file's own formats, choose a smaller model, or free "
                    + "memory.")
        }
        kvByteCount = limit - modelByteCount
    }
}
