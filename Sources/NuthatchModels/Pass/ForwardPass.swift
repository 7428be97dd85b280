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
            if case .parallel(let sharesNorm) = specification.arrangement {
                // Before attention's branch joins the stream. `normed` still has what attention read.
                if !sharesNorm { readStream(layer.feedForwardNorm, on: worker) }
                join(bias: layer.attentionOutputBias, norm: nil, on: worker)
            } else {
                join(bias: layer.attentionOutputBias, norm: layer.attentionPostNorm, on: worker)
                readStream(layer.feedForwardNorm, on: worker)
            }
            feedForward(index, layer, on: worker)
            join(bias: layer.downBias, norm: layer.feedForwardPostNorm, on: worker)
        }
        computeLogits(on: worker)
    }

    /// Embeds each row's token and takes the cosines and sines of its position, first read behind a barrier.
    private func begin(on worker: Worker) {
        let stream = views.stream.rows(of: worker)
        let share = worker.share(of: views.rowCount)
        let own = views.stream.copyCount > 1 ? 0..<views.rowCount : share
        embed(own, into: stream, on: worker)
        if let positions = decoder.positions, let offset = specification.embedding.positions?.offset {
            let vectors = views.normed.rows(of: worker)
            for row in own {
                positions.decode(offset + self.positions[row], into: vectors[row])
                for column in 0..<stream.columnCount { stream[row][column] += vectors[row][column] }
            }
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

    /// This worker's rows of the stream, [row, hiddenSize].
    private func embed(_ own: Range<Int>, into stream: Rows, on worker: Worker) {
        let embedding = specification.embedding
        let isProjected = decoder.embeddingProjection != nil
        let target = isProjected ? views.normed.rows(of: worker) : stream
        for row in own {
            decoder.embedding.decode(tokens[tokens.startIndex + row], into: target[row])
            guard let scale = embedding.scale else { continue }
            for column in 0..<specification.embeddingWidth { target[row][column] *= scale }
        }
        guard let projection = decoder.embeddingProjection else { return }
        meetIfShared(worker)
        operations.multiply(
            target.columns(0..<specification.embeddingWidth), by: projection, into: views.branch.rows,
            scratch: quantized, on: worker)
        worker.barrier()
        for row in own { stream[row].update(from: views.branch.rows[row], count: stream.columnCount) }
        meetIfShared(worker)
    }

    /// What a sublayer reads of the stream, into `normed`; without a norm before it, it reads the stream itself.
    private func readStream(_ norm: NormWeights?, on worker: Worker) {
        if let norm { normalise(views.stream, norm, into: views.normed, on: worker) }
    }

    private var sublayerInput: ReplicatedRows {
        specification.norms.placement.precedesSublayers ? views.normed : views.stream
    }

    /// Leaves what attention gives in `branch`.
    private func attend(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        let attention = specification.attention
        let heads = attention.heads
        readStream(layer.attentionNorm, on: worker)
        operations.multiply(
            sublayerInput.rows(of: worker), by: layer.queryKeyValue.matrices,
            into: views.queryKeyValueOutputs[index],
            scratch: quantized, on: worker)
        worker.barrier()
        if let bias = layer.queryKeyValueBias {
            operations.add(bias: bias.base, to: views.queryKeyValue, on: worker)
            worker.barrier()
        }
        if let headNorm = attention.headNorm, let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            let counts = headNorm == .each ? (heads.queryCount, heads.kvCount) : (1, 1)
            normaliseHeads(views.queries, count: counts.0, queryNorm, on: worker)
            normaliseHeads(views.keys, count: counts.1, keyNorm, on: worker)
            worker.barrier()
        }
        let distant = batch.hasDistantPositions(layer: index) ? distant : nil
        if let distant { copyQueryKey(to: distant, on: worker) }
        if let rotaryIndex = layer.rotaryIndex {
            if let distant {
                rotate(
                    distant.queryKey.rows(0..<views.rowCount), distant.cosines[rotaryIndex],
                    distant.sines[rotaryIndex], rotaryIndex, on: worker)
            }
            rotate(
                views.queryKey, views.cosines[rotaryIndex], views.sines[rotaryIndex], rotaryIndex, on: worker)
            worker.barrier()
        } else if distant != nil {
            worker.barrier()
        }
        batch.append(keys: views.keys, values: views.values, layer: index, on: worker)
        worker.barrier()
        batch.attend(
            views.queries,
            distant: distant.map { DistantRows(queries: $0.queries, keys: $0.keys, values: views.values) },
            layer: index, queryHeadCount: heads.queryCount,
            parameters: AttentionParameters(
                scale: layer.attentionScale, logitSoftcap: attention.softcap, memoryGates: layer.memoryGates),
            into: views.attention, on: worker)
        worker.barrier()
        operations.multiply(
            views.attention, by: layer.attentionOutput, into: views.branch.rows, scratch: quantized,
            on: worker)
        worker.barrier()
    }

    /// Turns queries and keys by the positions that the cosines and sines were taken at.
    private func rotate(
        _ rows: Rows, _ cosines: Rows, _ sines: Rows, _ rotaryIndex: Int, on worker: Worker
    ) {
        let heads = specification.attention.heads
        operations.rotate(
            rows, headCount: heads.queryCount + heads.kvCount, headDimension: heads.dimension,
            cosines: cosines, sines: sines, pairing: decoder.rotaries[rotaryIndex].pairing, on: worker)
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

    /// Leaves what feed-forward gives in `branch`.
    private func feedForward(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        operations.multiply(
            sublayerInput.rows(of: worker), by: layer.gateUp.matrices, into: views.gateUpOutputs[index],
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
    }

    /// Adds what a sublayer gave to the residual stream.
    private func join(bias: FloatVector?, norm: NormWeights?, on worker: Worker) {
        let scale = specification.residualScale
        if let bias {
            operations.add(bias: bias.base, to: views.branch.rows, on: worker)
            worker.barrier()
        }
        let normsSum = specification.norms.placement == .afterSum
        let branchNorm = normsSum ? nil : norm
        if let branchNorm {
            normalise(views.branch, branchNorm, into: views.normed, on: worker)
        } else if let scale {
            operations.scale(views.branch.rows, by: scale, on: worker)
            worker.barrier()
        }
        let addend = branchNorm == nil ? views.branch : views.normed
        for (source, target) in zip(addend.slices, views.stream.slices) {
            // The same elements on the same worker in both, so no barrier between.
            if let scale, branchNorm != nil { operations.scale(source, by: scale, on: worker) }
            operations.add(source, to: target, on: worker)
        }
        meetIfShared(worker)
        if normsSum, let norm { normalise(views.stream, norm, into: views.stream, on: worker) }
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

    /// The final norm, where there is one.
    private func finish(_ input: Rows, into output: Rows, on worker: Worker) {
        if let norm = decoder.finalNorm {
            normalise(input, norm, into: output, on: worker)
        } else {
            for row in worker.share(of: input.rowCount) where output[row] != input[row] {
                output[row].update(from: input[row], count: input.columnCount)
            }
        }
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
                finish(views.stream.slices[row], into: views.normed.slices[index], on: worker)
            }
        } else {
            for index in worker.share(of: logitRows.count) {
                let source = views.stream.rows[logitRows[index]]
                views.normed.rows[index].update(from: source, count: views.normed.rows.columnCount)
            }
            worker.barrier()
            let rows = views.normed.rows.rows(0..<logitRows.count)
            finish(rows, into: rows, on: worker)
            worker.barrier()
        }
        var input = views.normed.rows(of: worker).rows(0..<logitRows.count)
        if let projection = decoder.outputProjection {
            let output = views.branch.rows.rows(0..<logitRows.count).columns(0..<specification.embeddingWidth)
            operations.multiply(input, by: projection, into: output, scratch: quantized, on: worker)
            worker.barrier()
            input = output
        }
        operations.multiply(input, by: decoder.output, into: views.logits, scratch: quantized, on: worker)
        let embedding = specification.embedding
        guard embedding.logitScale != nil || embedding.logitSoftcap != nil else { return }
        worker.barrier()
        // The same elements on the same worker in both, so no barrier between.
        if let scale = embedding.logitScale { operations.scale(views.logits, by: scale, on: worker) }
        if let cap = embedding.logitSoftcap { operations.softcap(views.logits, cap: cap, on: worker) }
    }
}
