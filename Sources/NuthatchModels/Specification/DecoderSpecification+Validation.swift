import NuthatchCache

extension DecoderSpecification {
    func validate(file: String) throws(ModelError) {
        let sizes: [(field: String, value: Int, limit: ModelLimit)] = [
            ("the vocabulary size", embedding.vocabularySize, .vocabularySize),
            ("the hidden size", hiddenSize, .hiddenSize),
            ("the layer count", layers.count, .layerCount),
            ("the query head count", attention.heads.queryCount, .headCount),
            ("the key-value head count", attention.heads.kvCount, .headCount),
            ("the head dimension", attention.heads.dimension, .headDimension),
            ("the feed-forward size", feedForward.size, .feedForwardSize),
            ("the context length", contextLength, .contextLength),
            ("the embedding width", embeddingWidth, .hiddenSize),
        ]
        for size in sizes {
            try size.limit.check(size.value, file: file, field: size.field)
        }
        guard attention.heads.queryCount % attention.heads.kvCount == 0 else {
            throw .invalid(
                file: file, field: "the query head count",
                reason: "\(attention.heads.queryCount) is no multiple of the \(attention.heads.kvCount) "
                    + "key-value heads")
        }
        // An embedding row waits where the stream's norm is put later.
        guard embeddingWidth <= hiddenSize else {
            throw .invalid(
                file: file, field: "the embedding width",
                reason: "\(embeddingWidth) is more than the hidden size, \(hiddenSize)")
        }
        guard arrangement == .sequential || norms.order == .before else {
            throw .invalid(
                file: file, field: "the norms", reason: "follow sublayers that run side by side")
        }
        guard arrangement == .sequential || residualScale == nil else {
            throw .invalid(
                file: file, field: "the residual scale", reason: "is for sublayers that run side by side")
        }
        if let positions = embedding.positions {
            let rowCount = positions.count + positions.offset
            try ModelLimit.contextLength.check(rowCount, file: file, field: "the number of learned positions")
            guard positions.count >= contextLength else {
                throw .invalid(
                    file: file, field: "the context length",
                    reason: "\(contextLength) is more than the \(positions.count) learned positions")
            }
        }
        try validateExperts(file: file)
        try validateLatent(file: file)
        try attention.relativePositions?.validate(isBidirectional: isEncoder, file: file)
        try validatePart(file: file)
        try validateNumbers(file: file)
        for (index, layer) in layers.enumerated() {
            if case .window(let length) = layer.retention, length < 1 {
                throw .invalid(
                    file: file, field: "the sliding window of layer \(index)", reason: "is \(length)")
            }
        }
        for rotary in distinctRotaries {
            try rotary.validate(
                headDimension: attention.latent?.turnedDimension ?? attention.heads.dimension, file: file)
        }
    }

    /// What an encoder-decoder's halves do without.
    private func validatePart(file: String) throws(ModelError) {
        guard part != .whole else { return }
        guard arrangement == .sequential else {
            throw .invalid(
                file: file, field: "the arrangement", reason: "has sublayers side by side beside a source")
        }
        guard layers.allSatisfy({ $0.retention == .full }) else {
            throw .invalid(file: file, field: "the layers", reason: "have windows beside a source")
        }
    }

    private func validateNumbers(file: String) throws(ModelError) {
        let numbers: [(field: String, value: Float?, kind: ModelNumber)] =
            [
                ("the norms' epsilon", norms.epsilon, .epsilon),
                ("the attention scale", attention.scale, .scoreScale),
                ("the attention softcap", attention.softcap, .softcap),
                ("the logit softcap", embedding.logitSoftcap, .softcap),
                ("the embedding scale", embedding.scale, .multiplier),
                ("the logit scale", embedding.logitScale, .multiplier),
                ("the residual scale", residualScale, .multiplier),
                ("the experts' scale", feedForward.experts?.weightScale, .multiplier),
            ] + layers.map { ("a layer's score scale", $0.scoreScale, .scoreScale) }
        for number in numbers {
            guard let value = number.value else { continue }
            try number.kind.check(Double(value), file: file, field: number.field)
        }
    }

    /// The rotary embeddings in use, each once, in the order of the first layer that uses it.
    package var distinctRotaries: [RotaryEmbedding] {
        var distinct: [RotaryEmbedding] = []
        for rotary in layers.compactMap(\.rotary) where !distinct.contains(rotary) {
            distinct.append(rotary)
        }
        return distinct
    }
}

extension ModelLimit {
    /// 1 to the maximum.
    func check(_ value: Int, file: String, field: String) throws(ModelError) {
        guard value >= 1, value <= maximum else {
            throw .outOfRange(file: file, field: field, found: value, limit: self)
        }
    }
}
