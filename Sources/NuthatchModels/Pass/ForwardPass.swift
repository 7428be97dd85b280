import NuthatchCache
import NuthatchTensors

/// One pass through all layers, run by every worker at once.
///
/// A barrier stands wherever an operation reads what others wrote. In a small pass, where each worker has its own
/// copy of what is worked on row by row, a layer has 6: behind queries, keys and values; append; attention; its
/// output; gate and up; down. Where rows are shared there are 5 more: behind what the workers prepare of their own
/// rows for each of the four multiplications (norms and sums among it), and behind rotation. Attention over a long
/// history has another inside, and a mixture of experts has its own (`mix`).
struct ForwardPass: WorkerProgram {
    let stack: LayerStack
    let views: PassViews
    /// [row asked for, vocabulary]
    let logits: Rows
    /// Nil where all rows of all layers look from where they are.
    let distant: DistantViews?
    let batch: CacheBatch
    /// What a decoder's layers look at beside that; nil where there is none.
    let source: SourceAttention?
    let quantized: QuantizedRows
    let rows: PassRows
    /// Nil where nobody looks on.
    let probe: PassProbe?

    var operations: Operations { stack.operations }
    var specification: DecoderSpecification { stack.specification }

    func run(on worker: Worker) {
        begin(on: worker)
        note(.embedding, views.stream.rows(of: worker), on: worker)
        for (index, layer) in stack.layers.enumerated() {
            attend(index, layer, on: worker)
            let matrices = layer.feedForwardInputs
            let input: Rows
            if specification.arrangement == .sequential {
                join(bias: layer.attentionOutputBias, norm: layer.attentionPostNorm, on: worker)
                if let source { attend(to: source, index, on: worker) }
                input = readStream(layer.feedForwardNorm, for: matrices, on: worker)
            } else {
                // Feed-forward reads the stream as attention did, so that goes first.
                input = readStream(layer.feedForwardNorm, for: matrices, on: worker)
                join(bias: layer.attentionOutputBias, norm: nil, on: worker)
            }
            feedForward(input, index, layer, on: worker)
            join(bias: layer.feedForward?.downBias, norm: layer.feedForwardPostNorm, on: worker)
            noteStream(behind: index, on: worker)
        }
        if let output = stack.output {
            computeLogits(output, on: worker)
        } else {
            computeStates(on: worker)
        }
    }

    /// Embeds the tokens of the worker's own rows, and takes the cosines and sines of positions, which are first read
    /// behind a barrier.
    private func begin(on worker: Worker) {
        embed(on: worker)
        for row in worker.share(of: views.rowCount) {
            for (index, table) in stack.rotaryTables.enumerated() {
                table.fill(
                    position: rows.ropePositions[row], cosines: views.cosines[index][row],
                    sines: views.sines[index][row])
                guard let distant else { continue }
                table.fill(
                    position: TokenPosition(rows.distantPositions[row]), cosines: distant.cosines[index][row],
                    sines: distant.sines[index][row])
            }
        }
    }

    /// The worker's own rows of the stream, from the embedding and, where they are learned, positions.
    private func embed(on worker: Worker) {
        let own = ownRows(of: worker)
        let stream = views.stream.rows(of: worker)
        let normed = views.normed.rows(of: worker)
        let isProjected = stack.embeddingProjection != nil
        let embedded = (isProjected ? normed : stream).columns(0..<specification.embeddingWidth)
        for row in own {
            if !rows.vectors.isEmpty, let vector = rows.vectors[row] {
                embedded[row].update(from: vector, count: embedded.columnCount)
                continue
            }
            stack.embedding.decode(rows.tokens[row], into: embedded[row])
            guard let scale = specification.embedding.scale else { continue }
            operations.scale(embedded.rows(row..<row + 1), by: scale, on: worker.alone)
        }
        if let projection = stack.embeddingProjection {
            waitIfShared(worker)
            operations.multiply(embedded, by: projection, into: views.branch, scratch: quantized, on: worker)
            worker.barrier()
            views.branch.rows(own).copy(to: stream.rows(own))
        }
        if let table = stack.positions {
            for row in own {
                table.decode(rows.positions[row], into: normed[row])
                operations.add(normed.rows(row..<row + 1), to: stream.rows(row..<row + 1), on: worker.alone)
            }
        }
        if let norm = stack.embeddingNorm, !own.isEmpty {
            normalise(stream.rows(own), norm, into: stream.rows(own), on: worker.alone)
        }
    }

    /// Leaves what feed-forward gives in `branch`.
    private func feedForward(_ input: Rows, _ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        if let experts = layer.experts, let expertViews = views.experts {
            route(input, experts, expertViews, on: worker)
        }
        if let weights = layer.feedForward, let gateUp = views.gateUp[index] {
            operations.multiplyAndActivate(
                input, isQuantized: !views.isReplicated, by: weights.gateUp.matrices,
                bias: weights.gateUpBias?.base, activation: specification.feedForward.activation,
                into: gateUp, before: operations.upcoming(weights.down, rowCount: views.rowCount, on: worker),
                scratch: quantized, on: worker)
            worker.barrier()
            operations.multiply(
                gateUp.gate.rows(0..<views.rowCount), by: weights.down, into: views.branch,
                before: upcomingLayer(after: index, on: worker), scratch: quantized, on: worker)
        }
        worker.barrier()
        guard layer.experts != nil, let expertViews = views.experts else { return }
        mix(input, layer, expertViews, on: worker)
        worker.barrier()
    }

    /// The logits of the rows asked for; no more of them than `normed` has rows.
    private func computeLogits(_ output: LayerStack.Output, on worker: Worker) {
        let logitRows = rows.logitRows
        guard !logitRows.isEmpty else { return }
        // Any row of the stream may be asked for.
        waitIfShared(worker)
        let stream = views.stream.rows(of: worker)
        let normed = views.normed.rows(of: worker).rows(0..<logitRows.count)
        let first = output.projection ?? output.matrix
        forEachOwnTile(of: logitRows.count, on: worker) { tile in
            for index in tile {
                let row = stream.rows(logitRows[index]..<logitRows[index] + 1)
                let target = normed.rows(index..<index + 1)
                if let norm = stack.finalNorm {
                    normalise(row, norm, into: target, on: worker.alone)
                } else {
                    row.copy(to: target)
                }
            }
            if first.layout.holdsCodes, !views.isReplicated {
                operations.quantize(normed, tile, into: quantized)
            }
        }
        waitIfShared(worker)
        if let projection = output.projection {
            // Others may still be reading the last branch.
            worker.barrier()
            let projected = views.branch.rows(0..<logitRows.count).columns(0..<specification.embeddingWidth)
            operations.multiply(
                normed, isQuantized: !views.isReplicated, by: projection, into: projected, scratch: quantized,
                on: worker)
            worker.barrier()
            operations.multiply(
                projected, by: output.matrix, into: logits, before: upcomingPass(on: worker),
                scratch: quantized, on: worker)
        } else {
            operations.multiply(
                normed, isQuantized: !views.isReplicated, by: output.matrix, into: logits,
                before: upcomingPass(on: worker), scratch: quantized, on: worker)
        }
        let embedding = specification.embedding
        guard embedding.logitScale != nil || embedding.logitSoftcap != nil || output.bias != nil else {
            return
        }
        worker.barrier()
        // The same elements on the same worker in all, so no barrier between.
        if let scale = embedding.logitScale { operations.scale(logits, by: scale, on: worker) }
        if let bias = output.bias { operations.add(bias: bias.base, to: logits, on: worker) }
        if let cap = embedding.logitSoftcap { operations.softcap(logits, cap: cap, on: worker) }
    }
}
