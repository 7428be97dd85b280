import NuthatchCache
import NuthatchTensors

/// One pass through all layers, run by every worker at once.
///
/// Each operation is shared out among the workers; a barrier stands wherever the next one reads what others
/// wrote. In a small pass, where each worker has its own copy of the residual stream, a layer has 8: behind
/// queries, keys and values; rotation; append; attention; its output; gate and up; activation; down. Where the
/// stream is shared there are 4 more, behind two norms and two sums. Biases and norms of heads add one each;
/// attention over a long history has another inside.
struct ForwardPass: WorkerProgram {
    let decoder: Decoder
    let views: PassViews
    /// Nil where all rows of all layers look from where they are.
    let distant: DistantViews?
    let batch: CacheBatch
    let quantized: QuantizedRows
    let tokens: ArraySlice<TokenID>
    let positions: [Int]
    let distantPositions: [Int]
    let logitRows: [Int]

    private var operations: Operations { decoder.operations }
    private var specification: DecoderSpecification { decoder.specification }

    func run(on worker: Worker) {
        begin(on: worker)
        meetIfShared(worker)
        for (index, layer) in decoder.layers.enumerated() {
            attend(index, layer, on: worker)
            feedForward(index, layer, on: worker)
        }
        computeLogits(on: worker)
    }

    /// Embeds each row's token and takes the cosines and sines of its position, first read behind a barrier.
    private func begin(on worker: Worker) {
        let stream = views.stream.rows(of: worker)
        let share = worker.share(of: views.rowCount)
        for row in views.stream.copyCount > 1 ? 0..<views.rowCount : share {
            decoder.embedding.decode(tokens[tokens.startIndex + row], into: stream[row])
            guard let scale = specification.embedding.scale else { continue }
            for column in 0..<stream.columnCount { stream[row][column] *= scale }
        }
        for row in share {
            for (index, table) in decoder.rotaryTables.enumerated() {
                table.fill(
                    position: positions[row], cosines: views.cosines[index][row],
                    sines: views.sines[index][row])
                guard let distant else { continue }
                table.fill(
                    position: distantPositions[row], cosines: distant.cosines[index][row],
                    sines: distant.sines[index][row])
            }
        }
    }

    private func attend(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        let attention = specification.attention
        let heads = attention.heads
        normalise(views.stream, layer.attentionNorm, into: views.normed, on: worker)
        operations.multiply(
            views.normed.rows(of: worker), by: layer.queryKeyValue.matrices,
            into: views.queryKeyValueOutputs[index],
            scratch: quantized, on: worker)
        worker.barrier()
        if let bias = layer.queryKeyValueBias {
            operations.add(bias: bias.base, to: views.queryKeyValue, on: worker)
            worker.barrier()
        }
        if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            normaliseHeads(views.queries, count: heads.queryCount, queryNorm, on: worker)
            normaliseHeads(views.keys, count: heads.kvCount, keyNorm, on: worker)
            worker.barrier()
        }
        let distant = batch.hasDistantPositions(layer: index) ? distant : nil
        if let distant {
            copyQueryKey(to: distant, on: worker)
            rotate(
                distant.queryKey.rows(0..<views.rowCount), distant.cosines[layer.rotaryIndex],
                distant.sines[layer.rotaryIndex], layer,
                on: worker)
        }
        rotate(
            views.queryKey, views.cosines[layer.rotaryIndex], views.sines[layer.rotaryIndex], layer,
            on: worker)
        worker.barrier()
        batch.append(keys: views.keys, values: views.values, layer: index, on: worker)
        worker.barrier()
        batch.attend(
            views.queries,
            distant: distant.map { DistantRows(queries: $0.queries, keys: $0.keys, values: views.values) },
            layer: index, queryHeadCount: heads.queryCount,
            parameters: AttentionParameters(
                scale: attention.scale, logitSoftcap: attention.softcap, memoryGates: layer.memoryGates),
            into: views.attention, on: worker)
        worker.barrier()
        operations.multiply(
            views.attention, by: layer.attentionOutput, into: views.branch.rows, scratch: quantized,
            on: worker)
        worker.barrier()
        addBranch(bias: layer.attentionOutputBias, norm: layer.attentionPostNorm, on: worker)
    }

    /// Turns queries and keys by the positions that the cosines and sines were taken at.
    private func rotate(
        _ rows: Rows, _ cosines: Rows, _ sines: Rows, _ layer: DecoderLayer, on worker: Worker
    ) {
        let heads = specification.attention.heads
        operations.rotate(
            rows, headCount: heads.queryCount + heads.kvCount, headDimension: heads.dimension,
            cosines: cosines, sines: sines, pairing: decoder.rotaries[layer.rotaryIndex].pairing, on: worker)
    }

    /// Copies what this worker is going to rotate, so that nobody waits for anybody in between.
    private func copyQueryKey(to distant: DistantViews, on worker: Worker) {
        let heads = specification.attention.heads
        let (ownRows, ownHeads) = worker.share(
            ofRows: views.rowCount, orColumns: heads.queryCount + heads.kvCount, grain: 1)
        let start = ownHeads.lowerBound * heads.dimension
        for row in ownRows {
            (distant.queryKey[row] + start).update(
                from: views.queryKey[row] + start, count: ownHeads.count * heads.dimension)
        }
    }

    private func feedForward(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        normalise(views.stream, layer.feedForwardNorm, into: views.normed, on: worker)
        operations.multiply(
            views.normed.rows(of: worker), by: layer.gateUp.matrices, into: views.gateUpOutputs[index],
            scratch: quantized,
            on: worker)
        worker.barrier()
        if let bias = layer.gateUpBias {
            operations.add(bias: bias.base, to: views.gateUp, on: worker)
            worker.barrier()
        }
        operations.activate(
            views.gate, times: views.up, activation: specification.feedForward.activation, into: views.gate,
            on: worker)
        worker.barrier()
        operations.multiply(
            views.gate, by: layer.down, into: views.branch.rows, scratch: quantized, on: worker)
        worker.barrier()
        addBranch(bias: layer.downBias, norm: layer.feedForwardPostNorm, on: worker)
    }

    /// Adds what a sublayer gave to the residual stream.
    private func addBranch(bias: FloatVector?, norm: NormWeights?, on worker: Worker) {
        let scale = specification.residualScale
        if let bias {
            operations.add(bias: bias.base, to: views.branch.rows, on: worker)
            worker.barrier()
        }
        if let norm {
            normalise(views.branch, norm, into: views.normed, on: worker)
        } else if let scale {
            operations.scale(views.branch.rows, by: scale, on: worker)
            worker.barrier()
        }
        let addend = norm == nil ? views.branch : views.normed
        for (source, target) in zip(addend.slices, views.stream.slices) {
            // The same elements on the same worker in both, so no barrier between.
            if let scale, norm != nil { operations.scale(source, by: scale, on: worker) }
            operations.add(source, to: target, on: worker)
        }
        meetIfShared(worker)
    }

    /// Normalises rows; what is shared, everybody has when this returns.
    private func normalise(
        _ input: ReplicatedRows, _ norm: NormWeights, into output: ReplicatedRows, on worker: Worker
    ) {
        for (source, target) in zip(input.slices, output.slices) {
            normalise(source, norm, into: target, on: worker)
        }
        meetIfShared(worker)
    }

    private func normalise(_ input: Rows, _ norm: NormWeights, into output: Rows, on worker: Worker) {
        let norms = specification.norms
        switch norms.kind {
        case .rms(let weightOffset):
            operations.rmsNorm(
                input, weight: norm.weight.base, weightOffset: weightOffset, epsilon: norms.epsilon,
                into: output, on: worker)
        case .layer:
            operations.layerNorm(
                input, weight: norm.weight.base, bias: norm.bias?.base, epsilon: norms.epsilon, into: output,
                on: worker)
        }
    }

    /// The end of a step on the residual stream: where workers have copies, each has finished its own.
    private func meetIfShared(_ worker: Worker) {
        if views.stream.copyCount == 1 { worker.barrier() }
    }

    /// Normalises each head of each row in place: a row's heads are rows of their own.
    private func normaliseHeads(_ rows: Rows, count: Int, _ weight: FloatVector, on worker: Worker) {
        let norms = specification.norms
        let weightOffset: Float = if case .rms(let offset) = norms.kind { offset } else { 0 }
        for row in 0..<rows.rowCount {
            let heads = Rows(
                base: rows[row], rowCount: count, columnCount: weight.count, stride: weight.count)
            operations.rmsNorm(
                heads, weight: weight.base, weightOffset: weightOffset, epsilon: norms.epsilon, into: heads,
                on: worker)
        }
    }

    /// The logits of the rows asked for; no more of them than `normed` has rows.
    private func computeLogits(on worker: Worker) {
        guard !logitRows.isEmpty else { return }
        if views.stream.copyCount > 1 {
            for (index, row) in logitRows.enumerated() {
                normalise(
                    views.stream.slices[row], decoder.finalNorm, into: views.normed.slices[index], on: worker)
            }
        } else {
            for index in worker.share(of: logitRows.count) {
                let source = views.stream.rows[logitRows[index]]
                views.normed.rows[index].update(from: source, count: views.normed.rows.columnCount)
            }
            worker.barrier()
            let rows = views.normed.rows.rows(0..<logitRows.count)
            normalise(rows, decoder.finalNorm, into: rows, on: worker)
            worker.barrier()
        }
        operations.multiply(
            views.normed.rows(of: worker).rows(0..<logitRows.count), by: decoder.output, into: views.logits,
            scratch: quantized, on: worker)
        let embedding = specification.embedding
        guard embedding.logitScale != nil || embedding.logitSoftcap != nil else { return }
        worker.barrier()
        // The same elements on the same worker in both, so no barrier between.
        if let scale = embedding.logitScale { operations.scale(views.logits, by: scale, on: worker) }
        if let cap = embedding.logitSoftcap { operations.softcap(views.logits, cap: cap, on: worker) }
    }
}
