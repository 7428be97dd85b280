import NuthatchCache
import NuthatchTensors

/// Packs a checkpoint's tensors, in the order in which a pass reads them, and gives back the pages of each.
final class WeightPacker {
    let weights: CheckpointWeights
    let precision: WeightPrecision
    private let arena: WeightArena
    private let pool: WorkerPool?
    /// Bytes packed and copied so far.
    private(set) var byteCount = 0

    /// - Parameter pool: whose workers share the packing; nil leaves it to the caller's thread.
    init(
        _ weights: CheckpointWeights, precision: WeightPrecision, on pool: WorkerPool? = nil
    ) throws(ModelError) {
        arena = WeightArena(expectedByteCount: try LayerStack.weightByteCount(weights, precision: precision))
        self.weights = weights
        self.precision = precision
        self.pool = pool
    }

    var specification: DecoderSpecification { weights.description.specification }

    func matrix(_ place: TensorPlace) throws(ModelError) -> PackedMatrix {
        let source = try weights.matrix(place)
        let matrix = try allocating { () throws(TensorError) in
            try PackedMatrix(source.pieces, precision: precision, in: arena, on: pool)
        }
        // What the pieces borrow.
        withExtendedLifetime(source) {}
        byteCount += matrix.byteCount
        weights.release(place)
        return matrix
    }

    /// A small matrix in floats, whatever the precision of others, so that rows needn't be quantised to meet it.
    ///
    /// - Parameter isTurned: with inputs for outputs.
    func floatMatrix(_ place: TensorPlace, isTurned: Bool = false) throws(ModelError) -> PackedMatrix {
        let source = try weights.matrix(place)
        let values = source.pieces.flatMap { $0.floats() }
        withExtendedLifetime(source) {}
        let form = try weights.form(place).floats(isTurned: isTurned)
        let turned =
            !isTurned
            ? values
            : (0..<form.outputCount).flatMap { output in
                (0..<form.inputCount).map { values[$0 * form.outputCount + output] }
            }
        let arena = arena
        let pool = pool
        let matrix = try turned.withUnsafeBytes { bytes in
            Result { () throws(ModelError) in
                let stored = StoredMatrix(
                    format: .f32, outputCount: form.outputCount, inputCount: form.inputCount, bytes: bytes,
                    tensor: weights.description.source(place, .weight).tensor)
                return try allocating { () throws(TensorError) in
                    try PackedMatrix([stored], precision: form.precision, in: arena, on: pool)
                }
            }
        }.get()
        byteCount += matrix.byteCount
        return matrix
    }

    /// Parts of a layer that multiply the same rows.
    func stack(_ layer: Int, _ parts: [LayerPart]) throws(ModelError) -> MatrixStack {
        try stack(parts.map { .layer(layer, $0) })
    }

    func stack(_ places: [TensorPlace]) throws(ModelError) -> MatrixStack {
        var sources: [PlacedMatrix] = []
        for place in places { sources.append(try weights.matrix(place)) }
        let stack = try MatrixStack(
            sources.flatMap(\.pieces), precision: precision, in: arena, on: pool)
        withExtendedLifetime(sources) {}
        byteCount += stack.byteCount
        for place in places { weights.release(place) }
        return stack
    }

    func vector(_ place: TensorPlace, _ kind: TensorKind) throws(ModelError) -> FloatVector {
        try keep(try weights.floats(place, kind))
    }

    /// The biases of matrices that are stacked, stacked alike.
    func biases(_ layer: Int, _ parts: [LayerPart]) throws(ModelError) -> FloatVector {
        var values: [Float] = []
        for part in parts { values += try weights.floats(.layer(layer, part), .bias) }
        return try keep(values)
    }

    /// A few numbers that are passed on by value.
    func numbers(_ place: TensorPlace, _ kind: TensorKind = .weight) throws(ModelError) -> [Float] {
        let values = try weights.floats(place, kind)
        byteCount += values.count * MemoryLayout<Float>.size
        return values
    }

    /// What distances are worth to each head; nil where they are worth nothing.
    func positionBias() throws(ModelError) -> PositionBias? {
        guard let positions = specification.attention.relativePositions else { return nil }
        let headCount = specification.attention.heads.queryCount
        let isBidirectional = specification.isEncoder
        let values = try weights.floats(.relativeBias, .weight)
        let bias = try allocating { () throws(TensorError) in
            try PositionBias(headCount: headCount, reach: positions.maximumDistance) { head, distance in
                values[positions.bucket(distance, isBidirectional: isBidirectional) * headCount + head]
            }
        }
        byteCount += bias.byteCount
        return bias
    }

    func norm(_ place: TensorPlace) throws(ModelError) -> NormWeights {
        NormWeights(
            weight: try vector(place, .weight),
            bias: specification.norms.kind == .layer ? try vector(place, .bias) : nil)
    }

    private func keep(_ values: [Float]) throws(ModelError) -> FloatVector {
        let vector = try FloatVector(values)
        byteCount += vector.byteCount
        return vector
    }
}
