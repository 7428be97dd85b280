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
            try add(specification.attentionInputParts.map { .layer(layer, $0) })
            if let latent = specification.attention.latent {
                if latent.queryRank != nil { try add([.layer(layer, .queryUp)]) }
                let heads = 0..<specification.attention.heads.queryCount
                switch latent.form {
                case .absorbed:
                    for head in heads {
                        for part in HeadPart.allCases {
                            byteCount += try weights.form(.head(layer, head, part)).floatByteCount(
                                isTurned: part == .keyExpansion)
                        }
                    }
                case .expanded:
                    try add(HeadPart.allCases.flatMap { part in heads.map { .head(layer, $0, part) } })
                }
            }
            try add([.layer(layer, .attentionOutput)])
            let parts = specification.feedForward.inputParts
            let experts = specification.experts(layer: layer)
            if specification.denseSize(layer: layer) != nil {
                func place(_ part: FeedForwardPart) -> TensorPlace {
                    .layer(layer, experts == nil ? part.dense : part.shared)
                }
                try add(parts.map(place))
                try add([place(.down)])
            }
            guard let experts else { continue }
            try add([.layer(layer, .router)])
            for expert in 0..<experts.count {
                for part in FeedForwardPart.allCases { try add([.expert(layer, expert, part)]) }
            }
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
