import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// Bytes that an encoder-decoder takes beside its caches, known before anything is loaded.
package struct EncoderDecoderWeightPlan: Sendable, Equatable {
    /// Packed matrices, norms and biases of both halves: `EncoderDecoder.weightByteCount`.
    package let weightByteCount: Int
    /// `EncoderDecoderWorkspace.byteCount` for so many rows of either half, before its first pass.
    package let workspaceByteCount: Int

    package var byteCount: Int { weightByteCount + workspaceByteCount }
}

extension EncoderDecoder {
    /// What loading this checkpoint would take. Reads headers only.
    ///
    /// - Parameter maximumRowCount: a longer source takes a workspace of as many rows as it has tokens.
    package static func plan(
        _ checkpoint: Checkpoint, described description: EncoderDecoderDescription,
        precision: WeightPrecision = .native, maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) throws(ModelError) -> EncoderDecoderWeightPlan {
        var weightByteCount = 0
        var workspaceByteCount = 0
        for (half, other) in [
            (description.encoder, description.decoder), (description.decoder, description.encoder),
        ] {
            let weights = try CheckpointWeights(checkpoint, half, beside: other)
            weightByteCount += try LayerStack.weightByteCount(weights, precision: precision)
            workspaceByteCount += Self.workspaceByteCount(half.specification, maximumRowCount)
        }
        return EncoderDecoderWeightPlan(
            weightByteCount: weightByteCount, workspaceByteCount: workspaceByteCount)
    }

    /// What loading a model whose files are not here would take.
    ///
    /// - Parameter format: what its matrices are stored in.
    package static func plan(
        _ specification: EncoderDecoderSpecification, format: ElementFormat,
        precision: WeightPrecision = .native, maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) -> EncoderDecoderWeightPlan {
        let halves = [specification.encoder, specification.decoder]
        return EncoderDecoderWeightPlan(
            weightByteCount: halves.reduce(0) {
                $0 + LayerStack.weightByteCount($1, format: format, precision: precision)
            },
            workspaceByteCount: halves.reduce(0) { $0 + workspaceByteCount($1, maximumRowCount) })
    }

    private static func workspaceByteCount(
        _ specification: DecoderSpecification, _ maximumRowCount: Int
    ) -> Int {
        WorkspaceLayout(specification, maximumRowCount: maximumRowCount).byteCount
            + WorkspaceLayout.logitByteCount(specification, rowCount: 1)
    }
}
