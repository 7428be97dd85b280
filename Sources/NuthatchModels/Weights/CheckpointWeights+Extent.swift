import NuthatchCheckpoints

extension CheckpointWeights {
    /// Tensors of the file that the model isn't made of, each known to be redundant.
    ///
    /// - Parameters:
    ///   - descriptions: of the whole model: a decoder, or both halves of an encoder-decoder.
    ///   - names: of the tensors that those are made of.
    /// - Throws: `ModelError.unexpectedTensors` where there are others, `.differingCopy`.
    static func leftOut(
        of checkpoint: Checkpoint, _ descriptions: [ModelDescription], using names: Set<String>
    ) throws(ModelError) -> [LeftOutTensor] {
        var used = names
        for description in descriptions {
            used.formUnion(description.headerTensors)
            used.formUnion(description.towerTensors)
        }
        var leftOut: [LeftOutTensor] = []
        var unexpected: [String] = []
        for tensor in checkpoint.tensors where !used.contains(tensor.name) {
            let redundancy = descriptions.lazy.compactMap { $0.redundancy(of: tensor.name) }.first
            guard let redundancy else {
                unexpected.append(tensor.name)
                continue
            }
            if case .copy(let original) = redundancy, !checkpoint.holdsSame(tensor.name, as: original) {
                throw .differingCopy(file: checkpoint.path, tensor: tensor.name, original: original)
            }
            leftOut.append(LeftOutTensor(name: tensor.name, redundancy: redundancy))
        }
        guard unexpected.isEmpty else {
            throw .unexpectedTensors(
                file: checkpoint.path, tensors: unexpected, family: descriptions[0].family)
        }
        return leftOut
    }
}

extension ModelDescription {
    /// Tensors that are read with the header.
    fileprivate var headerTensors: Set<String> {
        guard let factors = names.rotaryFactors else { return [] }
        return Set(
            specification.layers.flatMap { layer -> [String] in
                switch layer.rotary?.scaling {
                case .divided: [factors.divisors]
                case .long: [factors.short, factors.long]
                case .linear, .dynamic, .yarn, .llama3, .some(.none), nil: []
                }
            })
    }

    /// Tensors of the tower that reads images.
    fileprivate var towerTensors: [String] {
        guard let prefix = names.towerPrefix, let vision else { return [] }
        return vision.expectedTensors.map { prefix + $0.name }
    }

    fileprivate func redundancy(of tensor: String) -> Redundancy? {
        let output = source(.output, .weight).tensor
        let embedding = source(.embedding, .weight).tensor
        if specification.embedding.isTied, !specification.isEncoder, tensor == output {
            return .copy(of: embedding)
        }
        return names.redundancy(of: tensor)
    }
}
