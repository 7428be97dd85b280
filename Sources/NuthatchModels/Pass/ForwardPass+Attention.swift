import NuthatchCache
import NuthatchTensors

extension ForwardPass {
    /// Leaves what attention gives in `branch`.
    func attend(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        let input = readStream(layer.attentionNorm, for: layer.queryKeyValue.matrices, on: worker)
        note(.norm, layer: index, input, on: worker)
        operations.multiply(
            input, isQuantized: !views.isReplicated, by: layer.queryKeyValue.matrices,
            into: views.queryKeyValueOutputs[index], before: upcomingAttentionOutput(layer, on: worker),
            scratch: quantized, on: worker)
        worker.barrier()
        if let latent = layer.latent {
            attendLatent(index, layer, latent, on: worker)
        } else {
            attendHeads(index, layer, on: worker)
        }
        operations.multiply(
            views.attention, by: layer.attentionOutput, into: views.branch,
            before: upcomingFeedForward(layer, on: worker), scratch: quantized, on: worker)
        worker.barrier()
        note(.output, layer: index, views.branch, on: worker)
    }

    /// Goes on from queries, keys and values as multiplied, and leaves what heads give in `attention`.
    private func attendHeads(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        let attention = specification.attention
        let heads = HeadRows(views.heads.rows(of: worker), attention.heads)
        let distant = batch.hasDistantPositions(layer: index) ? distant : nil
        let distantRows = distant.map { distant in
            let queryKey = distant.queryKey(
                of: worker, rowCount: views.rowCount, isReplicated: views.isReplicated)
            return DistantRows(
                queries: distant.queries(queryKey), keys: distant.keys(queryKey), values: heads.values)
        }
        let own = views.isReplicated ? notedRows(of: worker) : worker.share(of: views.rowCount)
        noteMultiplied(own, layer: index)
        prepareHeads(heads, distant, layer, on: worker)
        noteTurned((heads.queries, heads.keys, heads.values), own, layer: index)
        waitIfShared(worker)
        batch.append(keys: heads.keys, values: heads.values, layer: index, on: worker)
        worker.barrier()
        batch.attend(
            heads.queries, distant: distantRows, layer: index, queryHeadCount: attention.heads.queryCount,
            parameters: AttentionParameters(
                scale: layer.attentionScale, logitSoftcap: attention.softcap, memoryGates: layer.memoryGates,
                positionBias: stack.positionBias),
            into: views.attention, on: worker)
        worker.barrier()
    }

    /// Gives queries, keys and values of the worker's own rows their biases and norms, and turns queries and keys to
    /// where they stand, and to where they look at distant positions from.
    private func prepareHeads(
        _ heads: HeadRows, _ distant: DistantViews?, _ layer: DecoderLayer, on worker: Worker
    ) {
        let rows = views.isReplicated ? 0..<views.rowCount : worker.share(of: views.rowCount)
        if rows.isEmpty { return }
        let own = HeadRows(heads.all.rows(rows), specification.attention.heads)
        if views.isReplicated { views.queryKeyValue.copy(to: own.all) }
        if let bias = layer.queryKeyValueBias {
            operations.add(bias: bias.base, to: own.all, on: worker.alone)
        }
        if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            normaliseHeads(own.queries, queryNorm, on: worker.alone)
            normaliseHeads(own.keys, keyNorm, on: worker.alone)
        }
        if let distant {
            let queryKey = distant.queryKey(
                of: worker, rowCount: views.rowCount, isReplicated: views.isReplicated
            ).rows(rows)
            own.queryKey.copy(to: queryKey)
            rotate(queryKey, rows, by: (distant.cosines, distant.sines), layer, on: worker.alone)
        }
        rotate(own.queryKey, rows, by: (views.cosines, views.sines), layer, on: worker.alone)
    }

    /// Turns queries and keys of some rows by the positions that the cosines and sines were taken at.
    private func rotate(
        _ queryKey: Rows, _ rows: Range<Int>, by angles: (cosines: [Rows], sines: [Rows]),
        _ layer: DecoderLayer,
        on worker: Worker
    ) {
        guard let index = layer.rotaryIndex else { return }
        let heads = specification.attention.heads
        operations.rotate(
            queryKey, headCount: heads.queryCount + heads.kvCount, headDimension: heads.dimension,
            cosines: angles.cosines[index].rows(rows), sines: angles.sines[index].rows(rows),
            pairing: stack.rotaries[index].pairing, on: worker)
    }

    /// Normalises each head of each row in place, or all heads of a row together: as many as the weights are for.
    private func normaliseHeads(_ rows: Rows, _ weight: FloatVector, on worker: Worker) {
        let norms = specification.norms
        let weightOffset: Float = if case .rms(let offset) = norms.kind { offset } else { 0 }
        for row in 0..<rows.rowCount {
            let heads = Rows(
                base: rows[row], rowCount: rows.columnCount / weight.count, columnCount: weight.count,
                stride: weight.count)
            operations.rmsNorm(
                heads, weight: weight.base, weightOffset: weightOffset, epsilon: norms.epsilon, into: heads,
                on: worker)
        }
    }
}
