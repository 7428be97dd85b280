package import NuthatchCache
package import NuthatchTensors

extension Decoder {
    /// What a pass of one sequence takes, by arithmetic alone: `WorkTally` counts the same while it happens.
    ///
    /// Bytes of experts' weights depend on which of them rows choose, and are left out; their products don't, and are not.
    ///
    /// - Parameters:
    ///   - rowCount: tokens of the pass.
    ///   - tokenCount: those before them.
    ///   - logitRowCount: rows that logits are computed for.
    ///   - plan: of the sequence's cache.
    package func work(
        rowCount: Int, behind tokenCount: Int, logitRowCount: Int = 1, in plan: CachePlan
    ) -> WorkTally {
        var tally = plan.work(
            rowCount: rowCount, behind: tokenCount, queryHeadCount: specification.attention.heads.queryCount)
        stack.embeddingProjection.map { tally.add($0, rowCount: rowCount) }
        for layer in stack.layers {
            for matrix in layer.everyRowsMatrices { tally.add(matrix, rowCount: rowCount) }
            guard let experts = layer.experts, let expert = experts.experts.first else { continue }
            let usedCount = specification.feedForward.experts?.usedCount ?? 0
            for matrix in [expert.gate, expert.up, expert.down] {
                tally.matrixMultiplyAdds += rowCount * usedCount * matrix.outputCount * matrix.inputCount
            }
        }
        if let output = stack.output {
            output.projection.map { tally.add($0, rowCount: logitRowCount) }
            tally.add(output.matrix, rowCount: logitRowCount)
        }
        return tally
    }

    /// Whether which weights are read depends on the rows.
    package var choosesExperts: Bool { stack.layers.contains { $0.experts != nil } }
}

extension DecoderLayer {
    /// What each row is multiplied by, whatever it is.
    fileprivate var everyRowsMatrices: [PackedMatrix] {
        var matrices = queryKeyValue.matrices + [attentionOutput]
        if let latent {
            if let queryUp = latent.queryUp { matrices.append(queryUp) }
            switch latent.expansion {
            case .absorbed(let queries, let values): matrices += queries + values
            case .expanded(let stack): matrices += stack.matrices
            }
        }
        if let experts { matrices.append(experts.router) }
        if let feedForward { matrices += feedForward.gateUp.matrices + [feedForward.down] }
        return matrices
    }
}

extension WorkTally {
    fileprivate mutating func add(_ matrix: PackedMatrix, rowCount: Int) {
        matrixMultiplyAdds += rowCount * matrix.outputCount * matrix.inputCount
        weightByteCount += matrix.byteCount * Operations.passCount(rowCount: rowCount)
    }
}
