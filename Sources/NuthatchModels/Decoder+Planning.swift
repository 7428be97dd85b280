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
        maximumRowCount: Int = DecoderWorkspace.defaultRowCount
    ) throws(ModelError) -> DecoderPlan {
        try plan(
            checkpoint, described: try ModelDescription(checkpoint), precision: precision,
            maximumRowCount: maximumRowCount)
    }

    package static func plan(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native,
        maximumRowCount: Int = DecoderWorkspace.defaultRowCount
    ) throws(ModelError) -> DecoderPlan {
        let weights = try CheckpointWeights(checkpoint, description)
        let specification = description.specification
        var byteCount = 0
        for expected in specification.expectedTensors where expected.shape.count == 1 {
            byteCount += expected.shape[0] * MemoryLayout<Float>.size
        }
        func add(_ places: [TensorPlace]) throws(ModelError) {
            var forms: [MatrixForm] = []
            for place in places { forms.append(try weights.form(place)) }
            byteCount += MatrixStack.byteCount(
                outputCounts: forms.map(\.outputCount), inputCount: forms[0].inputCount,
                formats: forms.map(\.format), precision: precision)
        }
        for layer in specification.layers.indices {
            try add([.layer(layer, .query), .layer(layer, .key), .layer(layer, .value)])
            try add([.layer(layer, .attentionOutput)])
            try add(
                specification.feedForward.isGated
                    ? [.layer(layer, .gate), .layer(layer, .up)] : [.layer(layer, .up)])
            try add([.layer(layer, .down)])
        }
        if specification.embedding.projectedWidth != nil {
            try add([.embeddingProjection])
            try add([.outputProjection])
        }
        try add([specification.embedding.isTied ? .embedding : .output])
        let layout = WorkspaceLayout(specification, maximumRowCount: maximumRowCount)
        return DecoderPlan(
            weightByteCount: byteCount,
            workspaceByteCount: layout.byteCount + WorkspaceLayout.logitByteCount(specification, rowCount: 1),
            distantByteCount: layout.distantByteCount)
    }
}
