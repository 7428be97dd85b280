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
