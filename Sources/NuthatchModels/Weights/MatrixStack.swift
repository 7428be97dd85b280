import NuthatchTensors

/// Matrices that multiply the same rows, their outputs side by side: queries, keys and values; gate and up.
///
/// Neighbours of one format are packed as one matrix; those of differing formats (files mix them by how much
/// a tensor matters) run in the same phase all the same, so activations are quantised once and workers meet once.
struct MatrixStack: Sendable {
    let matrices: [PackedMatrix]
    /// The output columns of each.
    let columns: [Range<Int>]

    init(
        _ sources: [StoredMatrix], precision: WeightPrecision, in arena: WeightArena, on pool: WorkerPool?
    ) throws(ModelError) {
        var matrices: [PackedMatrix] = []
        var columns: [Range<Int>] = []
        for group in Self.groups(sources.map(\.format)) {
            let matrix = try allocating { () throws(TensorError) in
                try PackedMatrix(Array(sources[group]), precision: precision, in: arena, on: pool)
            }
            let start = columns.last?.upperBound ?? 0
            columns.append(start..<start + matrix.outputCount)
            matrices.append(matrix)
        }
        self.matrices = matrices
        self.columns = columns
    }

    var byteCount: Int { matrices.reduce(0) { $0 + $1.byteCount } }

    /// Runs of equal formats.
    static func groups(_ formats: [ElementFormat]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        for index in formats.indices {
            if let last = groups.last, formats[last.lowerBound] == formats[index] {
                groups[groups.count - 1] = last.lowerBound..<index + 1
            } else {
                groups.append(index..<index + 1)
            }
        }
        return groups
    }

    /// Bytes that such a stack occupies, before anything is packed.
    static func byteCount(
        outputCounts: [Int], inputCount: Int, formats: [ElementFormat], precision: WeightPrecision
    ) -> Int {
        groups(formats).reduce(0) { sum, group in
            sum
                + PackedMatrix.byteCount(
                    outputCount: outputCounts[group].reduce(0, +), inputCount: inputCount,
                    format: formats[group.lowerBound], precision: precision)
        }
    }
}
