package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

/// A network with the memory for its passes: one for all sequences of a model, since only one pass runs at a time.
///
/// Not thread-safe: lives on the engine thread.
package final class NetworkRunner {
    private enum Computation {
        case decoder(Decoder, DecoderWorkspace)
        case encoderDecoder(EncoderDecoder, EncoderDecoderWorkspace)
    }

    private let computation: Computation
    private let workers: WorkerPool

    /// - Parameter pool: whose budget the scratch memory of attention is part of.
    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package init(_ network: Network, on workers: WorkerPool, pool: PagePool) throws(ModelError) {
        self.workers = workers
        switch network {
        case .decoder(let decoder):
            computation = .decoder(decoder, try DecoderWorkspace(for: decoder, pool: pool))
        case .encoderDecoder(let model):
            computation = .encoderDecoder(model, try EncoderDecoderWorkspace(for: model, pool: pool))
        }
    }

    /// The most rows of a pass.
    var maximumRowCount: Int {
        switch computation {
        case .decoder(_, let workspace): workspace.maximumRowCount
        case .encoderDecoder(_, let workspace): workspace.maximumRowCount
        }
    }

    /// Scratch for whoever writes keys and values without a pass.
    var attention: AttentionWorkspace {
        switch computation {
        case .decoder(_, let workspace): workspace.attention
        case .encoderDecoder(_, let workspace): workspace.decoder.attention
        }
    }

    /// Gives up scratch memory that only grew with the sequences; whether there was any. Between passes.
    func releaseScratch() -> Bool { attention.releaseSplits() }

    /// One pass. The logits of its outcomes are valid until the next one.
    ///
    /// - Throws: `ModelError.invalidBatch` for entries that make no pass.
    func run(
        _ entries: [PassEntry], probe: PassProbe? = nil
    ) throws(ModelError) -> [PassOutcome] {
        switch computation {
        case .decoder(let decoder, let workspace):
            try decoder.forward(entries, probe: probe, workspace: workspace, pool: workers)
        case .encoderDecoder(let model, let workspace):
            try model.forward(entries, workspace: workspace, pool: workers)
        }
    }

    /// Reads a source into a pair of caches, in place of the one that was there and of what was answered to it.
    func read(_ source: [TokenID], into pair: EncoderDecoderCache) throws(ModelError) {
        guard case .encoderDecoder(let model, let workspace) = computation else {
            throw .invalidBatch(reason: "a decoder reads no source")
        }
        try model.encode([.init(tokens: source, cache: pair)], workspace: workspace, pool: workers)
    }
}
