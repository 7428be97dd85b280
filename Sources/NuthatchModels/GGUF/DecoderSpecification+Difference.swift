import NuthatchTensors

extension DecoderSpecification {
    /// What a file that was written from `original` says otherwise, in words; nil where it says the same.
    ///
    /// Norm offsets may have gone into the weights, and rotary pairs be paired otherwise; rotary scaling is held
    /// against the frequencies it gives, since files say it in more than one way.
    func firstDifference(from original: DecoderSpecification, pairing: RotaryPairing) -> String? {
        let own = embedding
        let other = original.embedding
        let comparisons: [(String, Bool)] = [
            ("its hidden size", hiddenSize == original.hiddenSize),
            ("its context length of \(original.contextLength)", contextLength == original.contextLength),
            ("its vocabulary size", own.vocabularySize == other.vocabularySize),
            // What is tied may be written twice.
            ("its output matrix", !own.isTied || other.isTied),
            // Gemma's is rounded to the precision of the embedding, which may have changed.
            ("its embedding scale", isClose(own.scale, other.scale, tolerance: 1 / 128)),
            ("its logit scale", isClose(own.logitScale, other.logitScale)),
            ("its logit softcap", isClose(own.logitSoftcap, other.logitSoftcap)),
            ("its learned positions", own.positions == other.positions),
            ("its embedding width", own.projectedWidth == other.projectedWidth),
            ("sinusoids of positions", own.hasSinusoids == other.hasSinusoids),
            ("a norm of its embedding", own.hasNorm == other.hasNorm),
            ("biases of its logits", own.hasLogitBias == other.hasLogitBias),
            ("its residual scale", isClose(residualScale, original.residualScale)),
            ("its heads", attention.heads == original.attention.heads),
            (
                "an attention scale of \(original.attention.scale)",
                isClose(attention.scale, original.attention.scale)
            ),
            ("its attention softcap", isClose(attention.softcap, original.attention.softcap)),
            ("norms of its heads", attention.headNorm == original.attention.headNorm),
            (
                "its attention biases",
                attention.hasInputBias == original.attention.hasInputBias
                    && attention.hasOutputBias == original.attention.hasOutputBias
            ),
            (
                "relative positions",
                attention.relativePositions == original.attention.relativePositions
            ),
            ("latent attention", attention.latent == original.attention.latent),
            ("memory gates", attention.hasMemoryGates == original.attention.hasMemoryGates),
            (
                "the activation \(original.feedForward.activation.rawValue)",
                feedForward.activation == original.feedForward.activation
            ),
            ("its experts", feedForward.experts == original.feedForward.experts),
            ("its feed-forward", feedForward == original.feedForward),
            ("its norms", norms.isSame(as: original.norms)),
            ("how its sublayers follow each other", arrangement == original.arrangement),
            ("its layer count", layers.count == original.layers.count),
        ]
        if let difference = comparisons.first(where: { !$0.1 }) { return difference.0 }
        for (index, (layer, otherLayer)) in zip(layers, original.layers).enumerated() {
            if layer.retention != otherLayer.retention { return "which positions layer \(index) keeps" }
            if layer.isSparse != otherLayer.isSparse { return "which layers have experts" }
            if !isClose(layer.scoreScale, otherLayer.scoreScale) {
                return "the score scale of layer \(index)"
            }
            let rotary = otherLayer.rotary.map { rotary in
                var rotary = rotary
                rotary.pairing = pairing
                return rotary
            }
            if !isSame(layer.rotary, rotary) { return "how positions turn in layer \(index)" }
        }
        return nil
    }

    private func isSame(_ own: RotaryEmbedding?, _ other: RotaryEmbedding?) -> Bool {
        guard let own, let other else { return own == nil && other == nil }
        guard own.dimension == other.dimension, own.pairing == other.pairing else { return false }
        // Dynamic and long scaling depend on the capacity: one short and one whole tell them apart.
        return [1, contextLength].allSatisfy { length in
            let table = own.table(contextLength: length)
            let otherTable = other.table(contextLength: length)
            return isClose(table.attentionFactor, otherTable.attentionFactor)
                && zip(table.inverseFrequencies, otherTable.inverseFrequencies).allSatisfy { isClose($0, $1) }
        }
    }

    /// Equal but for what a number loses by being stored in 32 bits; a missing one is 1.
    private func isClose(_ own: Float?, _ other: Float?, tolerance: Float = 1e-5) -> Bool {
        guard let own, let other else { return own ?? 1 == other ?? 1 }
        return abs(own - other) <= tolerance * abs(other)
    }
}

extension DecoderSpecification.Norms {
    fileprivate func isSame(as other: Self) -> Bool {
        let isSameKind =
            switch (kind, other.kind) {
            case (.rms, .rms), (.layer, .layer): true
            case (.rms, .layer), (.layer, .rms): false
            }
        return isSameKind && epsilon == other.epsilon && order == other.order
            && hasFinal == other.hasFinal
    }
}
