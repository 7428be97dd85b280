import NuthatchCache
import NuthatchTensors

/// Latent attention; see `DecoderSpecification.LatentAttention`. Rows are shared among the workers between meetings, in
/// small passes too.
extension ForwardPass {
    /// Goes on from what the layer's input was multiplied to, and leaves what its heads give in `attention`.
    func attendLatent(_ index: Int, _ layer: DecoderLayer, _ weights: LatentWeights, on worker: Worker) {
        guard let latent = specification.attention.latent, let rows = views.latent else { return }
        noteMultiplied(worker.share(of: views.rowCount), layer: index)
        if let queryUp = weights.queryUp, let queryNorm = weights.queryNorm {
            for row in worker.share(of: views.rowCount) {
                normalise(rows.queryDown.rows(row..<row + 1), queryNorm, on: worker.alone)
            }
            worker.barrier()
            operations.multiply(
                rows.queryDown, by: queryUp, into: rows.queries, scratch: quantized, on: worker)
            worker.barrier()
        }
        for row in worker.share(of: views.rowCount) { place(row, rows, latent, layer, weights, on: worker) }
        worker.barrier()
        switch weights.expansion {
        case .absorbed(let queries, let values):
            absorb(queries, rows, latent, on: worker)
            batch.append(keys: rows.compressed, values: rows.latents, layer: index, on: worker)
            worker.barrier()
            attend(
                (rows.absorbed, rows.compressed, rows.latents), into: rows.output, index, layer, on: worker)
            expand(values, rows, latent, on: worker)
        case .expanded(let expansion):
            operations.multiply(
                rows.latents, by: expansion.matrices, into: views.latentExpansions[index], scratch: quantized,
                on: worker)
            worker.barrier()
            for row in worker.share(of: views.rowCount) { arrange(row, rows, latent) }
            worker.barrier()
            batch.append(keys: rows.keys, values: rows.values, layer: index, on: worker)
            worker.barrier()
            attend((rows.queries, rows.keys, rows.values), into: views.attention, index, layer, on: worker)
        }
    }

    private func attend(
        _ turned: (queries: Rows, keys: Rows, values: Rows), into output: Rows, _ index: Int,
        _ layer: DecoderLayer, on worker: Worker
    ) {
        let attention = specification.attention
        noteTurned(turned, worker.share(of: views.rowCount), layer: index)
        batch.attend(
            turned.queries, layer: index, queryHeadCount: attention.heads.queryCount,
            parameters: AttentionParameters(scale: layer.attentionScale, logitSoftcap: attention.softcap),
            into: output, on: worker)
        worker.barrier()
    }

    /// Normalises a row's latent, and turns its key and its queries to where they stand.
    private func place(
        _ row: Int, _ rows: LatentViews, _ latent: DecoderSpecification.LatentAttention,
        _ layer: DecoderLayer, _ weights: LatentWeights, on worker: Worker
    ) {
        normalise(rows.latents.rows(row..<row + 1), weights.latentNorm, on: worker.alone)
        guard let rotary = layer.rotaryIndex else { return }
        let turnedKey = rows.compressed.columns(latent.rank..<latent.compressedWidth)
        let turnedQueries = rows.queries.columns(latent.plainDimension..<rows.queries.columnCount)
        for (heads, count, dimension) in [
            (turnedKey, 1, latent.turnedDimension),
            (turnedQueries, specification.attention.heads.queryCount, latent.keyDimension),
        ] {
            operations.rotate(
                heads.rows(row..<row + 1), headCount: count, headDimension: dimension,
                cosines: views.cosines[rotary].rows(row..<row + 1),
                sines: views.sines[rotary].rows(row..<row + 1),
                pairing: stack.rotaries[rotary].pairing, on: worker.alone)
        }
    }

    /// Each head's query as it meets latents: K^T q beside what turns.
    private func absorb(
        _ matrices: [PackedMatrix], _ rows: LatentViews, _ latent: DecoderSpecification.LatentAttention,
        on worker: Worker
    ) {
        for head in worker.share(of: matrices.count) {
            let query = rows.queries.columns(head * latent.keyDimension..<(head + 1) * latent.keyDimension)
            let target = rows.absorbed.columns(
                head * latent.compressedWidth..<(head + 1) * latent.compressedWidth)
            operations.multiply(
                query.columns(0..<latent.plainDimension), by: matrices[head],
                into: target.columns(0..<latent.rank), scratch: quantized, on: worker.alone)
            query.columns(latent.plainDimension..<latent.keyDimension).copy(
                to: target.columns(latent.rank..<latent.compressedWidth))
        }
    }

    /// Each head's result of what it read of latents.
    private func expand(
        _ matrices: [PackedMatrix], _ rows: LatentViews, _ latent: DecoderSpecification.LatentAttention,
        on worker: Worker
    ) {
        for head in worker.share(of: matrices.count) {
            operations.multiply(
                rows.output.columns(head * latent.rank..<(head + 1) * latent.rank), by: matrices[head],
                into: views.attention.columns(
                    head * latent.valueDimension..<(head + 1) * latent.valueDimension),
                scratch: quantized, on: worker.alone)
        }
        worker.barrier()
    }

    /// A row's heads' keys, each with its copy of the part that turns.
    private func arrange(_ row: Int, _ rows: LatentViews, _ latent: DecoderSpecification.LatentAttention) {
        for head in 0..<specification.attention.heads.queryCount {
            let key = rows.keys[row] + head * latent.keyDimension
            key.update(
                from: rows.plainKeys[row] + head * latent.plainDimension, count: latent.plainDimension)
            (key + latent.plainDimension).update(
                from: rows.compressed[row] + latent.rank, count: latent.turnedDimension)
        }
    }

    private func normalise(_ rows: Rows, _ weight: FloatVector, on worker: Worker) {
        operations.rmsNorm(
            rows, weight: weight.base, weightOffset: 0,
            epsilon: specification.attention.latent?.normEpsilon ?? specification.norms.epsilon, into: rows,
            on: worker)
    }
}
