import NuthatchCheckpoints
import NuthatchTensors

/// A checkpoint's tensors of a vision tower, all known to be there in the right shapes, and packed one by one.
final class VisionPacker {
    private let checkpoint: Checkpoint
    private let prefix: String
    let specification: VisionSpecification
    private let precision: WeightPrecision
    private let arena = WeightArena()
    private let pool: WorkerPool?
    /// Bytes packed and copied so far.
    private(set) var byteCount = 0

    /// - Throws: `ModelError.missingTensor`, `.wrongShape` or `.unexpectedTensors`.
    init(
        _ checkpoint: Checkpoint, _ description: ModelDescription, _ specification: VisionSpecification,
        precision: WeightPrecision, on pool: WorkerPool?
    ) throws(ModelError) {
        self.checkpoint = checkpoint
        self.specification = specification
        self.precision = precision
        self.pool = pool
        prefix = description.names.towerPrefix ?? ""
        var expected: Set<String> = []
        for (name, shape) in specification.expectedTensors {
            let name = prefix + name
            expected.insert(name)
            guard let found = checkpoint.tensor(named: name) else {
                throw .missingTensor(file: checkpoint.path, tensor: name, expected: shape)
            }
            guard found.shape == shape else {
                throw .wrongShape(file: checkpoint.path, tensor: name, expected: shape, found: found.shape)
            }
        }
        let unexpected = checkpoint.tensors.map(\.name).filter {
            $0.hasPrefix(prefix) && !expected.contains($0) && description.names.redundancy(of: $0) == nil
        }
        guard unexpected.isEmpty else {
            throw .unexpectedTensors(
                file: checkpoint.path, tensors: unexpected, family: description.family)
        }
    }

    /// Bytes of the whole tower, packed.
    func plannedByteCount() throws(ModelError) -> Int {
        var sum = 0
        for (_, shape) in specification.expectedTensors where shape.count == 1 {
            sum += shape[0] * MemoryLayout<Float>.size
        }
        for names in specification.matrices {
            var sources: [StoredMatrix] = []
            for name in names { sources.append(try stored(name, flatteningInputs: true)) }
            sum += MatrixStack.byteCount(
                outputCounts: sources.map(\.outputCount), inputCount: sources[0].inputCount,
                formats: sources.map(\.format), precision: precision)
        }
        return sum
    }

    func patchEmbedding() throws(ModelError) -> PackedMatrix {
        try pack(VisionNames.patchEmbedding, flatteningInputs: true)
    }

    func matrix(_ name: String) throws(ModelError) -> PackedMatrix {
        try pack("\(name).weight", flatteningInputs: false)
    }

    private func pack(_ name: String, flatteningInputs: Bool) throws(ModelError) -> PackedMatrix {
        let source = try stored(name, flatteningInputs: flatteningInputs)
        let matrix = try allocating { () throws(TensorError) in
            try PackedMatrix([source], precision: precision, in: arena, on: pool)
        }
        byteCount += matrix.byteCount
        checkpoint.release(tensorNamed: prefix + name)
        return matrix
    }

    /// Matrices that multiply the same rows.
    func stack(_ names: [String]) throws(ModelError) -> MatrixStack {
        var sources: [StoredMatrix] = []
        for name in names { sources.append(try stored("\(name).weight", flatteningInputs: false)) }
        let stack = try MatrixStack(sources, precision: precision, in: arena, on: pool)
        byteCount += stack.byteCount
        for name in names { checkpoint.release(tensorNamed: "\(prefix)\(name).weight") }
        return stack
    }

    /// The biases of matrices that are stacked, stacked alike.
    func biases(_ names: [String]) throws(ModelError) -> FloatVector {
        var values: [Float] = []
        for name in names { values += try floats("\(name).bias") }
        return try keep(values)
    }

    func norm(_ name: String) throws(ModelError) -> NormWeights {
        NormWeights(
            weight: try keep(try floats("\(name).weight")),
            bias: specification.norm == .layer ? try keep(try floats("\(name).bias")) : nil)
    }

    private func stored(_ name: String, flatteningInputs: Bool) throws(ModelError) -> StoredMatrix {
        try reading { () throws(CheckpointError) in
            try checkpoint.matrix(named: prefix + name, flatteningInputs: flatteningInputs)
        }
    }

    private func floats(_ name: String) throws(ModelError) -> [Float] {
        try reading { () throws(CheckpointError) in try checkpoint.floats(named: prefix + name) }
    }

    private func keep(_ values: [Float]) throws(ModelError) -> FloatVector {
        let vector = try FloatVector(values)
        byteCount += vector.byteCount
        return vector
    }
}
