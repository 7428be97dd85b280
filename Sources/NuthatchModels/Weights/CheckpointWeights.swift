package import NuthatchCheckpoints
import NuthatchTensors

/// A checkpoint's tensors by their places in a decoder, all known to be there in the right shapes.
package struct CheckpointWeights {
    let checkpoint: Checkpoint
    let description: ModelDescription
    /// Tensors of the files that no part of the model is made of, and why nothing is lost without them.
    package let leftOut: [LeftOutTensor]

    /// - Parameter other: of the model's other half, whose tensors lie in the same files.
    /// - Throws: `ModelError.missingTensor`, `.wrongShape`, `.unexpectedTensors` or `.differingCopy`: each tensor of the
    ///   files is used, known to be redundant, or a reason not to load them.
    package init(
        _ checkpoint: Checkpoint, _ description: ModelDescription, beside other: ModelDescription? = nil
    ) throws(ModelError) {
        self.checkpoint = checkpoint
        self.description = description
        let shapes = Self.shapes(description)
        // In the order of the decoder, so that the first error is about its beginning.
        for (name, shape) in shapes.ordered {
            guard let found = checkpoint.tensor(named: name) else {
                throw .missingTensor(file: checkpoint.path, tensor: name, expected: shape)
            }
            // Vectors may be stored with dimensions of 1 beside, to meet others' shapes.
            guard found.shape == shape || (shape.count == 1 && found.isVector(of: shape[0])) else {
                throw .wrongShape(file: checkpoint.path, tensor: name, expected: shape, found: found.shape)
            }
            try reading { () throws(CheckpointError) in try checkpoint.checkReadable(name) }
        }
        let names = shapes.names.union(other.map { Self.shapes($0).names } ?? [])
        leftOut = try Self.leftOut(
            of: checkpoint, [description] + (other.map { [$0] } ?? []), using: names)
    }

    /// What each tensor's shape must be: a tensor of several places has the outputs of all.
    private static func shapes(
        _ description: ModelDescription
    ) -> (ordered: [(name: String, shape: [Int])], names: Set<String>) {
        var order: [String] = []
        var outputCounts: [String: Int] = [:]
        var tails: [String: (inputs: [Int], source: TensorSource)] = [:]
        for expected in description.specification.expectedTensors {
            let source = description.source(expected.place, expected.kind)
            if outputCounts[source.tensor] == nil { order.append(source.tensor) }
            outputCounts[source.tensor, default: 0] += expected.shape[0]
            tails[source.tensor] = (Array(expected.shape.dropFirst()), source)
        }
        let ordered = order.map { name in
            let (count, tail) = (outputCounts[name] ?? 0, tails[name])
            let stackCount = tail?.source.stack?.count
            let matrix = [count / (stackCount ?? 1)] + (tail?.inputs ?? [])
            let shape = tail?.source.isTransposed == true ? matrix.reversed() : matrix
            return (name, (stackCount.map { [$0] } ?? []) + shape)
        }
        return (ordered, Set(order))
    }

    /// A matrix as the file holds it, in as many pieces as it takes.
    func matrix(_ place: TensorPlace) throws(ModelError) -> PlacedMatrix {
        try PlacedMatrix(try table(place), description.source(place, .weight))
    }

    /// The matrix that a place's numbers lie in: a tensor, or one of its stack. Valid while the checkpoint lives.
    func table(_ place: TensorPlace) throws(ModelError) -> StoredMatrix {
        let source = description.source(place, .weight)
        let stored = try reading { () throws(CheckpointError) in
            try checkpoint.matrix(named: source.tensor)
        }
        guard let stack = source.stack else { return stored }
        let rowCount = stored.outputCount / stack.count
        return stored.outputs(stack.index * rowCount..<(stack.index + 1) * rowCount)
    }

    /// The form of a matrix alone: nothing is copied.
    func form(_ place: TensorPlace) throws(ModelError) -> MatrixForm {
        let source = description.source(place, .weight)
        let stored = try table(place)
        let outputCount = source.isTransposed ? stored.inputCount : stored.outputCount
        return MatrixForm(
            format: source.isTransposed ? stored.transposedFormat : stored.format,
            outputCount: source.outputs.map { $0.reduce(0) { $0 + $1.count } } ?? outputCount,
            inputCount: source.isTransposed ? stored.outputCount : stored.inputCount)
    }

    /// A place's numbers, [elements] or [outputs, inputs].
    package func floats(_ place: TensorPlace, _ kind: TensorKind) throws(ModelError) -> [Float] {
        let source = description.source(place, kind)
        let values = try reading { () throws(CheckpointError) in
            try checkpoint.floats(named: source.tensor)
        }
        guard let shape = checkpoint.tensor(named: source.tensor)?.shape, shape.count > 1 else {
            return source.outputs.map { $0.flatMap { values[$0] } } ?? values
        }
        let inner = shape[shape.count - 1]
        let outer = shape.dropLast().reduce(1, *) / (source.stack?.count ?? 1)
        let start = (source.stack?.index ?? 0) * outer * inner
        let (outputCount, inputCount) = source.isTransposed ? (inner, outer) : (outer, inner)
        let strides = source.isTransposed ? (output: 1, input: outputCount) : (output: inputCount, input: 1)
        return (source.outputs ?? [0..<outputCount]).flatMap { outputs in
            outputs.flatMap { output in
                (0..<inputCount).map { values[start + output * strides.output + $0 * strides.input] }
            }
        }
    }

    /// Gives back the pages of a matrix that has been packed.
    func release(_ place: TensorPlace) {
        checkpoint.release(tensorNamed: description.source(place, .weight).tensor)
    }
}

/// What packing a matrix takes, known without its numbers.
struct MatrixForm {
    let format: ElementFormat
    let outputCount: Int
    let inputCount: Int

    /// A matrix in floats as narrow as the file's own numbers are, for rows that aren't quantised to meet it.
    func floats(isTurned: Bool) -> (outputCount: Int, inputCount: Int, precision: WeightPrecision) {
        let precision: WeightPrecision = format == .bf16 ? .bf16 : .f32
        return isTurned ? (inputCount, outputCount, precision) : (outputCount, inputCount, precision)
    }

    /// Bytes that takes, packed.
    func floatByteCount(isTurned: Bool) -> Int {
        let form = floats(isTurned: isTurned)
        return PackedMatrix.byteCount(
            outputCount: form.outputCount, inputCount: form.inputCount, format: .f32,
            precision: form.precision)
    }
}

extension TensorDescription {
    /// Whether it is so many numbers in a row, whatever dimensions of 1 stand beside.
    fileprivate func isVector(of count: Int) -> Bool {
        elementCount == count && shape.count { $0 != 1 } <= 1
    }
}
