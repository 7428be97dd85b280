/// Where in a pass a probe can look: all there is to see of a decoder, in the order in which it happens.
package enum ProbeStage: String, CaseIterable, Sendable, Codable {
    /// The stream before the first layer: the tokens' vectors, [row, hiddenSize].
    case embedding
    /// What a layer's attention reads, [row, hiddenSize]; of the layer behind the last, what the output matrix reads.
    case norm
    /// Queries, keys and values as multiplied, side by side, [row, columns].
    case queriesKeysValues
    /// Queries, keys and values with their biases and norms, turned to their positions: as they meet the cache.
    case rotated
    /// Keys and values of the layer's cache, the pass's own among them, as its queries read them.
    case appended
    /// What each query head gives each position, before and behind the softmax, [queryHead, row, position].
    case scores
    /// What attention adds to the stream, as multiplied, [row, hiddenSize].
    case output
    /// The stream behind a layer, [row, hiddenSize].
    case feedForward
    /// The logits that were asked for, [row, vocabulary].
    case logits
}

/// A stage of a layer. What is there once, embedding and logits, is of layer 0.
package struct ProbePoint: Hashable, Sendable {
    package let stage: ProbeStage
    package let layer: Int

    package init(_ stage: ProbeStage, layer: Int = 0) {
        self.stage = stage
        self.layer = layer
    }

    /// Hidden states as transformers counts them: what each layer reads, then what the last gives behind the final norm.
    package static func hiddenStates(layerCount: Int) -> [ProbePoint] {
        [ProbePoint(.embedding)] + (0..<max(0, layerCount - 1)).map { ProbePoint(.feedForward, layer: $0) }
            + [ProbePoint(.norm, layer: layerCount)]
    }

    /// Attentions of all layers.
    package static func attentions(layerCount: Int) -> [ProbePoint] {
        (0..<layerCount).map { ProbePoint(.scores, layer: $0) }
    }

    /// Everything of one layer, and both ends.
    package static func all(layer: Int) -> [ProbePoint] {
        ProbeStage.allCases.map { stage in
            ProbePoint(stage, layer: stage == .embedding || stage == .logits ? 0 : layer)
        }
    }
}
