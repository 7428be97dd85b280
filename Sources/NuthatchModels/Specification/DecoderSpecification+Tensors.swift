extension DecoderSpecification {
    /// Every tensor that this decoder is made of.
    package var expectedTensors: [ExpectedTensor] {
        var tensors = linear(
            .embedding, outputs: embedding.vocabularySize, inputs: embeddingWidth, hasBias: false)
        if let positions = embedding.positions {
            tensors += linear(
                .positions, outputs: positions.count + positions.offset, inputs: hiddenSize, hasBias: false)
        }
        if let width = embedding.projectedWidth {
            tensors += linear(.embeddingProjection, outputs: hiddenSize, inputs: width, hasBias: false)
            tensors += linear(.outputProjection, outputs: width, inputs: hiddenSize, hasBias: false)
        }
        if embedding.hasNorm { tensors += norm(.embeddingNorm, size: hiddenSize) }
        if let positions = attention.relativePositions {
            tensors += linear(
                .relativeBias, outputs: positions.bucketCount, inputs: attention.heads.queryCount,
                hasBias: false)
        }
        if norms.hasFinal { tensors += norm(.finalNorm, size: hiddenSize) }
        if !embedding.isTied {
            tensors += linear(
                .output, outputs: embedding.vocabularySize, inputs: embeddingWidth, hasBias: false)
        }
        if embedding.hasLogitBias {
            tensors.append(
                ExpectedTensor(place: .logitBias, kind: .bias, shape: [1, embedding.vocabularySize]))
        }
        for layer in layers.indices { tensors += expectedTensors(layer: layer) }
        return tensors
    }

    private func expectedTensors(layer: Int) -> [ExpectedTensor] {
        let heads = attention.heads
        var tensors: [ExpectedTensor] = []
        if norms.order.precedesSublayers {
            tensors += norm(.layer(layer, .attentionNorm), size: hiddenSize)
            if arrangement != .parallel(sharesNorm: true) {
                tensors += norm(.layer(layer, .feedForwardNorm), size: hiddenSize)
            }
        }
        for part in attentionInputParts {
            tensors += linear(
                .layer(layer, part), outputs: outputCount(of: part), inputs: hiddenSize,
                hasBias: attention.hasInputBias)
        }
        if let latent = attention.latent { tensors += latentTensors(latent, layer: layer) }
        if let headNorm = attention.headNorm {
            // Heads are RMS-normalised whatever the layer's own norms are.
            for (part, width) in [(LayerPart.queryNorm, heads.queryWidth), (.keyNorm, heads.kvWidth)] {
                let shape = [headNorm == .each ? heads.dimension : width]
                tensors.append(ExpectedTensor(place: .layer(layer, part), kind: .weight, shape: shape))
            }
        }
        tensors += linear(
            .layer(layer, .attentionOutput), outputs: hiddenSize, inputs: attentionWidth,
            hasBias: attention.hasOutputBias)
        if attention.hasMemoryGates {
            tensors.append(
                ExpectedTensor(place: .layer(layer, .memoryGate), kind: .weight, shape: [heads.queryCount]))
        }
        tensors += feedForwardTensors(layer: layer)
        if norms.order.followsSublayers {
            tensors += norm(.layer(layer, .attentionPostNorm), size: hiddenSize)
            tensors += norm(.layer(layer, .feedForwardPostNorm), size: hiddenSize)
        }
        if part == .decoder { tensors += sourceTensors(layer: layer) }
        return tensors
    }

    /// Tensors of what looks at a source: the heads are those of attention.
    private func sourceTensors(layer: Int) -> [ExpectedTensor] {
        let heads = attention.heads
        var tensors: [ExpectedTensor] = []
        if norms.order.precedesSublayers {
            tensors += norm(.layer(layer, .sourceNorm), size: hiddenSize)
        }
        for part in [LayerPart.sourceQuery, .sourceKey, .sourceValue] {
            tensors += linear(
                .layer(layer, part), outputs: outputCount(of: part), inputs: hiddenSize,
                hasBias: attention.hasInputBias)
        }
        tensors += linear(
            .layer(layer, .sourceOutput), outputs: hiddenSize, inputs: heads.queryWidth,
            hasBias: attention.hasOutputBias)
        if norms.order.followsSublayers {
            tensors += norm(.layer(layer, .sourcePostNorm), size: hiddenSize)
        }
        return tensors
    }

    private func latentTensors(_ latent: LatentAttention, layer: Int) -> [ExpectedTensor] {
        var tensors: [ExpectedTensor] = []
        func addNorm(_ part: LayerPart, size: Int) {
            tensors.append(ExpectedTensor(place: .layer(layer, part), kind: .weight, shape: [size]))
        }
        if let queryRank = latent.queryRank {
            addNorm(.queryDownNorm, size: queryRank)
            tensors += linear(
                .layer(layer, .queryUp), outputs: outputCount(of: .queryUp), inputs: queryRank, hasBias: false
            )
        }
        addNorm(.latentNorm, size: latent.rank)
        for head in 0..<attention.heads.queryCount {
            for (part, size) in [
                (HeadPart.keyExpansion, latent.plainDimension), (.valueExpansion, latent.valueDimension),
            ] {
                tensors += linear(
                    .head(layer, head, part), outputs: size, inputs: latent.rank, hasBias: false)
            }
        }
        return tensors
    }

    private func feedForwardTensors(layer: Int) -> [ExpectedTensor] {
        var tensors: [ExpectedTensor] = []
        func add(size: Int, _ place: (FeedForwardPart) -> TensorPlace) {
            for part in feedForward.parts {
                let (outputs, inputs) = part == .down ? (hiddenSize, size) : (size, hiddenSize)
                tensors += linear(
                    place(part), outputs: outputs, inputs: inputs, hasBias: feedForward.hasBias)
            }
        }
        let experts = experts(layer: layer)
        if let experts {
            tensors += linear(
                .layer(layer, .router), outputs: experts.count, inputs: hiddenSize, hasBias: false)
            if experts.hasSelectionBias {
                tensors.append(
                    ExpectedTensor(
                        place: .layer(layer, .selectionBias), kind: .bias, shape: [experts.count]))
            }
            for expert in 0..<experts.count {
                add(size: experts.size) { .expert(layer, expert, $0) }
            }
        }
        if let size = denseSize(layer: layer) {
            add(size: size) { .layer(layer, experts == nil ? $0.dense : $0.shared) }
        }
        return tensors
    }

    private func norm(_ place: TensorPlace, size: Int) -> [ExpectedTensor] {
        let weight = ExpectedTensor(place: place, kind: .weight, shape: [size])
        return norms.kind == .layer
            ? [weight, ExpectedTensor(place: place, kind: .bias, shape: [size])] : [weight]
    }

    private func linear(
        _ place: TensorPlace, outputs: Int, inputs: Int, hasBias: Bool
    ) -> [ExpectedTensor] {
        let weight = ExpectedTensor(place: place, kind: .weight, shape: [outputs, inputs])
        return hasBias ? [weight, ExpectedTensor(place: place, kind: .bias, shape: [outputs])] : [weight]
    }
}
