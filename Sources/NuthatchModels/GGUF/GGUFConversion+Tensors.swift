import NuthatchCheckpoints
import NuthatchTensors

extension GGUFConversion {
    /// The decoder's tensors under their names in the file, in the order of the decoder.
    static func tensors(_ weights: CheckpointWeights, _ dialect: GGUFDialect) -> [WritableTensor] {
        let specification = weights.description.specification
        let names = dialect.names(specification)
        var order: [String] = []
        var members: [String: [ExpectedTensor]] = [:]
        var forms: [String: TensorSource] = [:]
        for expected in specification.expectedTensors {
            let source = names.source(expected.place, expected.kind, in: specification)
            let name = source.tensor
            forms[name] = source
            if members[name] == nil { order.append(name) }
            members[name, default: []].append(expected)
        }
        if specification.embedding.isTied, dialect.needsOutput {
            let embedding = names.source(.embedding, .weight, in: specification).tensor
            let output = names.source(.output, .weight, in: specification).tensor
            members[output] = members[embedding]
            order.append(output)
        }
        return order.map { name in
            let members = members[name] ?? []
            let inputs = members.first.map { Array($0.shape.dropFirst()) } ?? []
            let count = members.reduce(0) { $0 + $1.shape[0] }
            // What experts and heads have for themselves lies one behind the other in a third dimension.
            let stackCount = forms[name]?.stack?.count
            let isTransposed = forms[name]?.isTransposed == true
            let matrix = [count / (stackCount ?? 1)] + inputs
            return WritableTensor(
                name: name,
                shape: (stackCount.map { [$0] } ?? []) + (isTransposed ? matrix.reversed() : matrix),
                storedFormat: weights.format(of: members)
            ) { () throws(ModelError) in
                guard !inputs.isEmpty else { return TensorRows(try vector(members, weights, dialect)) }
                return try TensorRows(
                    members.map { ($0.place, dialect.order($0.place, specification)) },
                    isTransposed: isTransposed, of: weights)
            }
        }
    }

    /// Norms and biases: whole, in the file's order, an offset of norm weights added.
    private static func vector(
        _ members: [ExpectedTensor], _ weights: CheckpointWeights, _ dialect: GGUFDialect
    ) throws(ModelError) -> [Float] {
        let specification = weights.description.specification
        var values: [Float] = []
        for member in members {
            let own = try weights.floats(member.place, member.kind)
            let order = dialect.order(member.place, specification)
            let offset = specification.normOffset(of: member)
            values += own.indices.map { own[order.source(of: $0)] + offset }
        }
        return values
    }
}

extension CheckpointWeights {
    /// The format of tensors that become one, where they have one.
    fileprivate func format(of members: [ExpectedTensor]) -> ElementFormat? {
        var formats = Set<ElementFormat>()
        for member in members {
            let name = description.source(member.place, member.kind).tensor
            guard let stored = checkpoint.tensor(named: name), case .readable(let format) = stored.format
            else { return nil }
            formats.insert(format)
        }
        return formats.count == 1 ? formats.first : nil
    }
}

extension GGUFDialect {
    /// How the rows of a place, as Hugging Face orders them, are ordered in the file.
    fileprivate func order(_ place: TensorPlace, _ specification: DecoderSpecification) -> RowOrder {
        guard pairing == .neighbours, case .layer(let layer, let part) = place else { return .asStored }
        let rotary = specification.layers[layer].rotary
        // Where nothing turns, any order will do that queries and keys share; converters reorder those layers too.
        guard rotary?.pairing != .neighbours else { return .asStored }
        let dimension = specification.attention.heads.dimension
        switch (part, specification.attention.latent) {
        case (.query, nil), (.key, nil):
            return .neighbours(headDimension: dimension, rotaryDimension: rotary?.dimension ?? dimension)
        case (.query, let latent?), (.queryUp, let latent?):
            return .neighbours(
                headDimension: dimension, plainDimension: latent.plainDimension,
                rotaryDimension: latent.turnedDimension)
        case (.latent, let latent?):
            return .neighbours(
                headDimension: latent.compressedWidth, plainDimension: latent.rank,
                rotaryDimension: latent.turnedDimension)
        default: return .asStored
        }
    }
}

extension DecoderSpecification {
    /// What the file's norm weights are more than the original's.
    fileprivate func normOffset(of tensor: ExpectedTensor) -> Float {
        guard case .rms(let offset) = norms.kind, tensor.kind == .weight else { return 0 }
        switch tensor.place {
        case .finalNorm: return offset
        case .layer(_, let part):
            switch part {
            case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm, .queryNorm,
                .keyNorm:
                return offset
            default: return 0
            }
        default: return 0
        }
    }
}
