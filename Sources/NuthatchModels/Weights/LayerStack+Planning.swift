import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// Bytes that a stack's weights take once packed, those included that look at a source.
    static func weightByteCount(
        _ weights: CheckpointWeights, precision: WeightPrecision
    ) throws(ModelError) -> Int {
        try weightByteCount(weights.description.specification, precision: precision) {
            place throws(ModelError) in try weights.form(place)
        }
    }

    /// Bytes of the weights of a model whose files are not here.
    ///
    /// - Parameter format: what its matrices are stored in.
    static func weightByteCount(
        _ specification: DecoderSpecification, format: ElementFormat, precision: WeightPrecision
    ) -> Int {
        var shapes: [TensorPlace: [Int]] = [:]
        for expected in specification.expectedTensors where expected.kind == .weight {
            shapes[expected.place] = expected.shape
        }
        return weightByteCount(specification, precision: precision) { place in
            let shape = shapes[place] ?? []
            return MatrixForm(format: format, outputCount: shape.first ?? 0, inputCount: shape.last ?? 0)
        }
    }

    private static func weightByteCount<Failure: Error>(
        _ specification: DecoderSpecification, precision: WeightPrecision,
        form: (TensorPlace) throws(Failure) -> MatrixForm
    ) throws(Failure) -> Int {
        var byteCount = 0
        for expected in specification.expectedTensors where expected.shape.count == 1 {
            byteCount += expected.shape[0] * MemoryLayout<Float>.size
        }
        if specification.embedding.hasLogitBias {
            byteCount += specification.embedding.vocabularySize * MemoryLayout<Float>.size
        }
        if let positions = specification.attention.relativePositions {
            byteCount += PositionBias.byteCount(
                headCount: specification.attention.heads.queryCount, reach: positions.maximumDistance)
        }
        func add(_ places: [TensorPlace]) throws(Failure) {
            var forms: [MatrixForm] = []
            for place in places { forms.append(try form(place)) }
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
                            byteCount += try form(.head(layer, head, part)).floatByteCount(
                                isTurned: part == .keyExpansion)
                        }
                    }
                case .expanded:
                    try add(HeadPart.allCases.flatMap { part in heads.map { .head(layer, $0, part) } })
                }
            }
            try add([.layer(layer, .attentionOutput)])
            if specification.part == .decoder {
                try add([.layer(layer, .sourceQuery)])
                try add([.layer(layer, .sourceKey), .layer(layer, .sourceValue)])
                try add([.layer(layer, .sourceOutput)])
            }
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
        if !specification.isEncoder { try add([specification.embedding.isTied ? .embedding : .output]) }
        return byteCount
    }
}
