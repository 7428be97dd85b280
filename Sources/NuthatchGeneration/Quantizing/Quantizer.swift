import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes a model as a GGUF file in the formats of a type.
///
/// Tensor by tensor, a few megabytes at a time, into a file beside the target that takes its place at the end: memory
/// holds neither model, and what fails leaves the target as it was.
package struct Quantizer {
    package struct Options: Sendable {
        package var type: QuantizationType
        /// Every matrix in the one format.
        package var isPure = false
        /// A file at the target may be replaced.
        package var replaces = false
        /// Blocks of codes may be decoded and coded again.
        package var requantizes = false
        package var threadCount: Int?

        package init(type: QuantizationType) { self.type = type }
    }

    /// How far it has come.
    package struct Progress: Sendable {
        package let tensor: String
        package let writtenByteCount: Int
        package let byteCount: Int
    }

    private let options: Options
    private let pool: WorkerPool
    /// Encoded bytes that are made and written at once: enough for all workers, little beside any model.
    private static let chunkByteCount = 8 << 20

    package init(_ options: Options) {
        self.options = options
        pool = WorkerPool(
            workerCount: options.threadCount ?? ProcessLimits.now.processorCount, followsCores: true)
    }

    /// Blocks until the file is in place.
    ///
    /// - Parameter progress: called before each tensor; what it throws ends the writing, of which nothing is left.
    /// - Throws: `NuthatchError` naming the file, tensor or field, and what to do.
    package func write(
        _ path: String, to target: String, progress: (Progress) throws -> Void = { _ in }
    ) throws -> QuantizationReport {
        let checkpoint = try Checkpoint.open(path)
        try StagedFile.check(target, replaces: options.replaces, inputs: checkpoint.inputPaths)
        var source = try QuantizationSource(checkpoint)
        let plan = QuantizationPlan(
            source.tensors.map { ($0.name, $0.shape, $0.storedFormat) }, type: options.type,
            isPure: options.isPure)
        try refuseRequantizing(source.tensors, plan)
        source.fields.set("general.file_type", options.type.fileType(isPure: options.isPure))
        if plan.tensors.contains(where: { $0.format.blockLength > 1 }) {
            // The only version there has been since May 2023.
            source.fields.set("general.quantization_version", UInt32(2))
        }
        let layout = try GGUFLayout(
            source.fields,
            tensors: plan.tensors.map { .init(name: $0.name, format: $0.format, shape: $0.shape) },
            file: target)
        let file = try StagedFile(
            target: target, byteCount: layout.byteCount, replaces: options.replaces,
            inputs: checkpoint.inputPaths)
        try layout.header.withUnsafeBytes { try file.write($0, at: 0) }

        // First what reading the header takes, so that a header that says something else costs no time.
        let order = source.tensors.indices.sorted { left, right in
            source.tensors[left].storedFormat == nil && source.tensors[right].storedFormat != nil
        }
        let madeCount = source.tensors.count { $0.storedFormat == nil }
        for index in order.prefix(madeCount) { try write(source.tensors[index], index, layout, to: file) }
        try source.check(try Checkpoint.open(file.path))
        var writtenByteCount = layout.header.count
        for index in order.dropFirst(madeCount) {
            try progress(
                Progress(
                    tensor: source.tensors[index].name, writtenByteCount: writtenByteCount,
                    byteCount: layout.byteCount))
            try write(source.tensors[index], index, layout, to: file)
            writtenByteCount += layout.ranges[index].count
        }
        try file.commit()
        return QuantizationReport(source, plan, options, path: target, byteCount: layout.byteCount)
    }

    private func refuseRequantizing(_ tensors: [WritableTensor], _ plan: QuantizationPlan) throws {
        for (tensor, planned) in zip(tensors, plan.tensors) {
            guard let stored = tensor.storedFormat, stored.blockLength > 1, stored != planned.format,
                !options.requantizes
            else { continue }
            throw NuthatchError(
                code: .usage,
                message:
                    "Tensor \(tensor.name) is stored as \(stored.rawValue), which has lost precision already.",
                remedy: "Start from a file in F32, F16 or BF16, or say --allow-requantize.")
        }
    }

    private func write(
        _ tensor: WritableTensor, _ index: Int, _ layout: GGUFLayout, to file: StagedFile
    ) throws {
        let rows = try tensor.open()
        defer { rows.release() }
        let format = layout.tensors[index].format
        let range = layout.ranges[index]
        if tensor.storedFormat == format, let bytes = rows.storedBytes {
            try file.write(bytes, at: range.lowerBound)
            return
        }
        let rowByteCount = range.count / max(rows.rowCount, 1)
        let chunkRowCount = max(1, Self.chunkByteCount / max(rowByteCount, 1))
        let output = try AlignedBuffer(
            byteCount: min(chunkRowCount, rows.rowCount) * rowByteCount, purpose: "encoding weights")
        let scratch = try AlignedBuffer(
            byteCount: pool.workerCount * (rows.rowLength + 1) * MemoryLayout<Float>.stride,
            purpose: "encoding weights")
        let magnitudes = scratch.floats + pool.workerCount * rows.rowLength
        for start in stride(from: 0, to: rows.rowCount, by: chunkRowCount) {
            let chunk = start..<min(start + chunkRowCount, rows.rowCount)
            let bytes = UnsafeMutableRawBufferPointer(
                start: output.base, count: chunk.count * rowByteCount)
            pool.run(
                EncodingPass(
                    source: rows, format: format, rows: chunk, output: bytes, scratch: scratch.floats,
                    magnitudes: magnitudes))
            for worker in 0..<pool.workerCount { try check(magnitudes[worker], format, tensor.name) }
            try file.write(UnsafeRawBufferPointer(bytes), at: range.lowerBound + start * rowByteCount)
        }
    }

    private func check(_ magnitude: Float, _ format: ElementFormat, _ tensor: String) throws {
        guard magnitude <= format.largestMagnitude else {
            throw NuthatchError(
                code: .badData,
                message: magnitude.isFinite
                    ? "Tensor \(tensor) holds a number of magnitude \(magnitude); \(format.rawValue) ends at "
                        + "\(format.largestMagnitude)."
                    : "Tensor \(tensor) holds a value that is no finite number.",
                remedy: magnitude.isFinite
                    ? format == .bf16 ? "Write it as f32." : "Write it as f32 or bf16."
                    : "Fetch the model again; if it stays so, it is damaged.")
        }
    }
}
