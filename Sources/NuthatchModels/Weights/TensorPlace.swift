/// Where a tensor belongs in a decoder.
package enum TensorPlace: Hashable, Sendable {
    case embedding
    /// The vectors of learned positions.
    case positions
    /// From an embedding row to the hidden size, and back.
    case embeddingProjection
    case outputProjection
    case finalNorm
    case output
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
