import NuthatchCheckpoints
import NuthatchHub
import NuthatchModels
package import NuthatchTensors
import NuthatchTokenizers

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension LanguageModel {
    /// Loads a model by name, fetching it first where it is not here.
    ///
    /// - Parameters:
    ///   - name: an alias (`smollm2`, `gemma3`), the path of a .gguf file or of a Hugging Face directory, or
    ///     `hf:owner/name[:file]`.
    ///   - options: threads, weight precision, memory.
    ///   - library: where models are kept and fetched from; nil takes what this process's
    ///     environment says, as the program `nuthatch` does.
    ///   - progress: told how far a fetch has come.
    /// - Throws: `NuthatchError` naming the file, the field and the limit.
    public static func load(
        _ name: String, options: LoadOptions = .default, library: ModelLibrary? = nil,
        progress: @escaping @Sendable (ModelLibrary.Progress) -> Void = { _ in }
    ) async throws -> LanguageModel {
        let library = try library ?? ModelLibrary()
        let location = try await library.locate(name) { event in
            if let step = ModelLibrary.Progress(event) { progress(step) }
        }
        return try await load(at: location.path, options: options)
    }

    /// Loads the model in a GGUF file or a Hugging Face directory.
    ///
    /// - Parameter cache: what its sequences will be kept in, so that what it can't have is refused before anything is
    ///   loaded.
    package static func load(
        at path: String, options: LoadOptions, for cache: CacheOptions? = nil
    ) async throws -> LanguageModel {
        // Packing keeps a core busy for a while: off the cooperative pool.
        do {
            return try await SystemThread.value("nuthatch-load") {
                try LanguageModel(at: path, options: options, for: cache)
            }
        } catch let error as TensorError {
            throw NuthatchError(error)
        }
    }

    /// Loads the model in a GGUF file or a Hugging Face directory. Blocks until it is packed.
    ///
    /// - Parameter other: a model whose threads and budget of keys and values it shares, in place of some of its own; a draft
    ///   model's.
    package convenience init(
        at path: String, options: LoadOptions, for cache: CacheOptions? = nil,
        beside other: LanguageModel? = nil
    ) throws(NuthatchError) {
        do {
            let checkpoint = try Checkpoint.open(path)
            let header = try ModelHeader(checkpoint)
            try cache?.check(header, options)
            let leftOut = try header.leftOutTensors(of: checkpoint).filter { !$0.redundancy.isDerived }
            let vocabulary = try LoadCheck.vocabulary(of: checkpoint, header, template: options.template)
            let budget = try MemoryBudget(checkpoint, described: header, options: options)
            let engine =
                try other?.engine
                ?? Engine(
                    workers: WorkerPool(
                        workerCount: options.threadCount ?? ProcessLimits.now.processorCount,
                        pinsThreads: options.pinsThreads, followsCores: true),
                    kvByteBudget: budget.kvByteCount)
            let workers = engine.workers
            let network: Network
            var vision: VisionModel?
            switch header {
            case .decoder(let description):
                network = .decoder(
                    try Decoder(
                        checkpoint, described: description, precision: options.precision,
                        contextLength: options.contextLength, reachesBeyond: options.reachesBeyondContext,
                        packingOn: workers))
                vision = try VisionModel(
                    checkpoint, described: description, precision: options.precision, packingOn: workers)
            case .encoderDecoder(let description):
                network = .encoderDecoder(
                    try EncoderDecoder(
                        checkpoint, described: description, precision: options.precision,
                        contextLength: options.contextLength, packingOn: workers))
            }
            try self.init(
                name: checkpoint.name, network: network, vision: vision, vocabulary: vocabulary,
                engine: engine, digests: ModelDigests(checkpoint),
                remarks: [header.remark, vocabulary.tokenizer.remark].compactMap(\.self)
                    + leftOut.summaries.map { "Left out: \($0)." })
            checkpoint.releaseAll()
            Heap.trim()
        } catch let error as NuthatchError {
            throw error
        } catch let error as any ExplainedError {
            throw NuthatchError(error)
        } catch {
            throw NuthatchError(
                code: .internalFault, message: "Loading \(path) failed: \(error).", cause: error)
        }
    }
}
