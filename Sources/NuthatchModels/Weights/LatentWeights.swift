import NuthatchTensors

/// What latent attention has beside what multiplies its input.
struct LatentWeights: Sendable {
    /// Norm of the vector that queries are made of, and what makes them of it; nil where they are made of the row.
    let queryNorm: FloatVector?
    let queryUp: PackedMatrix?
    let latentNorm: FloatVector
    let expansion: Expansion

    enum Expansion: Sendable {
        /// K^T [rank, plain] and V [value, rank] of each head.
        case absorbed(queries: [PackedMatrix], values: [PackedMatrix])
        /// All heads' K, one below the other, [heads * plain, rank], and V, [heads * value, rank].
        case expanded(MatrixStack)
    }

    init(
        _ layer: Int, _ latent: DecoderSpecification.LatentAttention, packing packer: WeightPacker
    ) throws(ModelError) {
        let hasQueryRank = latent.queryRank != nil
        queryNorm = hasQueryRank ? try packer.vector(.layer(layer, .queryDownNorm), .weight) : nil
        queryUp = hasQueryRank ? try packer.matrix(.layer(layer, .queryUp)) : nil
        latentNorm = try packer.vector(.layer(layer, .latentNorm), .weight)
        let headCount = packer.specification.attention.heads.queryCount
        switch latent.form {
        case .absorbed:
            var queries: [PackedMatrix] = []
            var values: [PackedMatrix] = []
            for head in 0..<headCount {
                queries.append(try packer.floatMatrix(.head(layer, head, .keyExpansion), isTurned: true))
                values.append(try packer.floatMatrix(.head(layer, head, .valueExpansion)))
            }
            expansion = .absorbed(queries: queries, values: values)
        case .expanded:
            expansion = .expanded(
                try packer.stack(
                    HeadPart.allCases.flatMap { part in
                        (0..<headCount).map { .head(layer, $0, part) }
                    }))
        }
    }
}
