/// Where a tensor belongs in a decoder.
package enum TensorPlace: Hashable, Sendable {
    case embedding
    /// The vectors of learned positions.
    case positions
    /// Behind the sum of the two.
    case embeddingNorm
    /// What each bucket of distances is worth to each head, [bucket, head].
    case relativeBias
    /// From an embedding row to the hidden size, and back.
    case embeddingProjection
    case outputProjection
    case finalNorm
    case output
    /// [1, vocabulary]
    case logitBias
    case layer(Int, LayerPart)
    /// One head's part of a layer's heads.
    case head(Int, Int, HeadPart)
    /// One expert's part of a layer's experts.
    case expert(Int, Int, FeedForwardPart)
}

/// A tensor's place within a layer.
package enum LayerPart: String, CaseIterable, Sendable {
    case attentionNorm
    case query
    case key
    case value
    case queryNorm
    case keyNorm
    case attentionOutput
    case attentionPostNorm
    case memoryGate
    case sourceNorm
    case sourceQuery
    case sourceKey
    case sourceValue
    case sourceOutput
    case sourcePostNorm
    case feedForwardNorm
    case gate
    case up
    case down
    case feedForwardPostNorm
    /// Parts of latent attention: what a row's queries are made of, their norm, and what makes queries of it; latents
    /// with the key that turns; their norm.
    case queryDown
    case queryDownNorm
    case queryUp
    case latent
    case latentNorm
    /// Parts of mixtures of experts: what scores experts, what is added to the scores, and the experts that all rows
    /// use.
    case router
    case selectionBias
    case sharedGate
    case sharedUp
    case sharedDown
}

/// What makes a head's keys, and its values, of latents.
package enum HeadPart: String, CaseIterable, Sendable {
    case keyExpansion
    case valueExpansion
}

/// A matrix of a feed-forward.
package enum FeedForwardPart: String, CaseIterable, Sendable {
    case gate
    case up
    case down

    /// Where a layer has it that is no mixture of experts.
    package var dense: LayerPart {
        switch self {
        case .gate: .gate
        case .up: .up
        case .down: .down
        }
    }

    /// Where it belongs to the experts that all rows use.
    package var shared: LayerPart {
        switch self {
        case .gate: .sharedGate
        case .up: .sharedUp
        case .down: .sharedDown
        }
    }
}

extension DecoderSpecification.FeedForward {
    /// The matrices that multiply its input.
    var inputParts: [FeedForwardPart] { isGated ? [.gate, .up] : [.up] }
    var parts: [FeedForwardPart] { inputParts + [.down] }
}

/// The two tensors that a place may have.
package enum TensorKind: String, Sendable {
    case weight
    case bias
}

/// A tensor that a specification calls for.
package struct ExpectedTensor: Hashable, Sendable {
    package let place: TensorPlace
    package let kind: TensorKind
    /// Outermost dimension first: [outputs, inputs], or [elements].
    package let shape: [Int]
}
