import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// Bytes that a decoder takes beside its caches, known before anything is loaded.
package struct DecoderPlan: Sendable, Equatable {
    /// Packed matrices, norms and biases: `Decoder.weightByteCount`.
    package let weightByteCount: Int
    /// `DecoderWorkspace.byteCount` for so many rows, with logits for one.
    package let workspaceByteCount: Int
    /// What the workspace takes besides once a cache has sinks at positions in the cache, or compressive memory.
    package let distantByteCount: Int

    package var byteCount: Int { weightByteCount + workspaceByteCount }
}

extension Decoder {
    /// What loading this checkpoint would take. Reads headers only.
    package static func plan(
        _ checkpoint: Checkpoint, precision: WeightPrecision = .native,
        maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) throws(ModelError) -> DecoderPlan {
        try plan(
            checkpoint, described: try ModelDescription(checkpoint), precision: precision,
            maximumRowCount: maximumRowCount)
    }

    package static func plan(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native,
        maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) throws(ModelError) -> DecoderPlan {
        let weights = try CheckpointWeights(checkpoint, description)
        return plan(
            description.specification,
            weightByteCount: try LayerStack.weightByteCount(weights, precision: precision),
            maximumRowCount: maximumRowCount)
    }

    /// What loading a model whose files are not here would take.
    ///
    /// - Parameter format: what its matrices are stored in.
    package static func plan(
        _ specification: DecoderSpecification, format: ElementFormat, precision: WeightPrecision = .native,
        maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) -> DecoderPlan {
        plan(
            specification,
            weightByteCount: LayerStack.weightByteCount(specification, format: format, precision: precision),
            maximumRowCount: maximumRowCount)
    }

    /// What a workspace takes besides once a cache has sinks at positions in the cache, or compressive memory.
    package static func distantByteCount(
        _ specification: DecoderSpecification, maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) -> Int {
        WorkspaceLayout(specification, maximumRowCount: maximumRowCount).distantByteCount
    }

    private static func plan(
        _ specification: DecoderSpecification, weightByteCount byteCount: Int, maximumRowCount: Int
    ) -> DecoderPlan {
        let layout = WorkspaceLayout(specification, maximumRowCount: maximumRowCount)
        return DecoderPlan(
            weightByteCount: byteCount,
            workspaceByteCount: layout.byteCount + WorkspaceLayout.logitByteCount(specification, rowCount: 1),
            distantByteCount: layout.distantByteCount)
    }
}
