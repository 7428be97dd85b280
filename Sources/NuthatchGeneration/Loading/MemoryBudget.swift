import NuthatchCheckpoints
import NuthatchModels
package import NuthatchTensors

/// What a model will take of memory, held against what there is before anything is loaded.
package struct MemoryBudget {
    /// Packed weights and scratch memory.
    let modelByteCount: Int
    /// What is left for keys and values; nil where the system does not say how much it has.
    let kvByteCount: Int?

    /// - Throws: `NuthatchError` (outOfMemory) with the numbers, where the model does not fit.
    init(
        _ checkpoint: Checkpoint, described header: ModelHeader, options: LoadOptions
    ) throws {
        func byteCount(_ precision: WeightPrecision) throws -> Int {
            try Self.plannedByteCount(checkpoint, described: header, precision: precision)
        }
        let needed = try byteCount(options.precision)
        modelByteCount = needed
        let available = ProcessLimits.now.availableByteCount
        guard let limit = [options.memoryBudget, available].compactMap({ $0 }).min() else {
            kvByteCount = nil
            return
        }
        guard needed < limit else {
            let numbers = ByteQuantity.texts(needed, limit)
            let isAllowed = limit == options.memoryBudget
            let fitting = [WeightPrecision.native, .q8].filter { precision in
                precision != options.precision
                    && (try? byteCount(precision)).map { $0 < min(limit, needed) } == true
            }
            throw NuthatchError(
                code: .outOfMemory,
                message: "\(checkpoint.name) needs \(numbers[0]) for weights and scratch memory; "
                    + "\(numbers[1]) are \(isAllowed ? "allowed" : "free").",
                remedy: Self.remedy(
                    fitting: fitting, isAllowed: isAllowed,
                    isFree: available.map { needed < $0 } ?? true))
        }
        kvByteCount = limit - modelByteCount
    }

    private static func plannedByteCount(
        _ checkpoint: Checkpoint, described header: ModelHeader, precision: WeightPrecision
    ) throws -> Int {
        switch header {
        case .decoder(let description):
            try Decoder.plan(checkpoint, described: description, precision: precision).byteCount
                + VisionTower.plannedByteCount(checkpoint, described: description, precision: precision)
        case .encoderDecoder(let description):
            try EncoderDecoder.plan(checkpoint, described: description, precision: precision).byteCount
        }
    }

    /// What helps where a model does not fit.
    ///
    /// - Parameters:
    ///   - fitting: precisions of weights in which it would fit.
    ///   - isAllowed: whether what it has to fit in is what was allowed, less than what is free.
    ///   - isFree: whether what it needs is free.
    package static func remedy(fitting: [WeightPrecision], isAllowed: Bool, isFree: Bool) -> String {
        var ways = fitting.map { precision in
            precision == .native
                ? "load its weights in the file's own formats (--weights native)"
                : "load its weights as \(precision.rawValue) (--weights \(precision.rawValue))"
        }
        ways.append("choose a smaller model")
        let freeing = isAllowed && isFree ? [] : ["free memory"]
        ways.append(((isAllowed ? ["allow more (--memory)"] : []) + freeing).joined(separator: " and "))
        let last = ways.removeLast()
        let sentence = ways.joined(separator: ", ") + (ways.count > 1 ? "," : "") + " or \(last)."
        return sentence.prefix(1).uppercased() + sentence.dropFirst()
    }
}
