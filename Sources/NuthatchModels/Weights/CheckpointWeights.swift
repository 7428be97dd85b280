import NuthatchCheckpoints
import NuthatchTensors

/// A checkpoint's tensors by their places in a decoder, all known to be there in the right shapes.
struct CheckpointWeights {
    let checkpoint: Checkpoint
    let description: ModelDescription

    /// - Throws: `ModelError.missingTensor`, `.wrongShape` or `.unexpectedTensor`.
    init(_ checkpoint: Checkpoint, _ description: ModelDescription) throws(ModelError) {
        self.checkpoint = checkpoint
        self.description = description
        var known: Set<String> = []
        for expected in description.specification.expectedTensors {
            let name = description.names.name(expected.place, expected.kind)
            known.insert(name)
            guard let found = checkpoint.tensor(named: name) else {
                throw .missingTensor(file: checkpoint.path, tensor: name, expected: expected.shape)
            }
            guard found.shape == expected.shape else {
                throw .wrongShape(
                    file: checkpoint.path, tensor: name, expected: expected.shape, found: found.shape)
            }
        }
        for tensor in checkpoint.tensors where !known.contains(tensor.name) {
            guard description.names.ignoredEndings.contains(where: tensor.name.hasSuffix) else {
                throw .unexpectedTensor(
                    file: checkpoint.path, tensor: tensor.name, family: description.family)
            }
        }
    }

    /// Borrowed from the mapping: valid while the checkpoint lives.
    func matrix(_ place: TensorPlace) throws(ModelError) -> StoredMatrix {
        try reading { () throws(CheckpointError) in
            try checkpoint.matrix(named: description.names.name(place, .weight))
        }
    }

    func floats(_ place: TensorPlace, _ kind: TensorKind) throws(ModelError) -> [Float] {
        try reading { () throws(CheckpointError) in
            try checkpoint.floats(named: description.names.name(place, kind))
        }
    }

    /// Gives back the pages of a matrix that has been packed.
    func release(_ place: TensorPlace) {
        checkpoint.release(tensorNamed: description.names.name(place, .weight))
    }
}
