import NuthatchCache
import NuthatchTensors

/// One pass through all layers, run by every worker at once.
///
/// A barrier stands wherever an operation reads what others wrote. In a small pass, where each worker has its own
/// copy of what is worked on row by row, a layer has 6: behind queries, keys and values; append; attention; its
/// output; gate and up; down. Where rows are shared there are 5 more: behind what the workers prepare of their own
/// rows for each of the four multiplications (norms and sums among it), and behind rotation. Attention over a long
/// history has another inside.
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

    var operations: Operations { decoder.operations }
    var specification: DecoderSpecification { decoder.specification }

    func run(on worker: Worker) {
        begin(on: worker)
        for (index, layer) in decoder.layers.enumerated() {
            attend(index, layer, on: worker)
            feedForward(index, layer, on: worker)
        }
        computeLogits(on: worker)
    }

    /// Embeds the tokens of the worker's own rows, and takes the cosines and sines of positions, which are first read
    /// behind a barrier.
    private func begin(on worker: Worker) {
        let stream = views.stream.rows(of: worker)
        for row in ownRows(of: worker) {
            decoder.embedding.decode(tokens[tokens.startIndex + row], into: stream[row])
            guard let scale = specification.embedding.scale else { continue }
            operations.scale(stream.rows(row..<row + 1), by: scale, on: worker.alone)
        }
        for row in worker.share(of: views.rowCount) {
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

    private func feedForward(_ index: Int, _ layer: DecoderLayer, on worker: Worker) {
        let normed = normalise(layer.feedForwardNorm, for: layer.gateUp.matrices, on: worker)
        let gateUp = views.gateUp[index]
        operations.multiplyAndActivate(
            normed, isQuantized: !views.isReplicated, by: layer.gateUp.matrices, bias: layer.gateUpBias?.base,
            activation: specification.feedForward.activation, into: gateUp, scratch: quantized, on: worker)
        worker.barrier()
        operations.multiply(gateUp.gate, by: layer.down, into: views.branch, scratch: quantized, on: worker)
        worker.barrier()
        addBranch(bias: layer.downBias, norm: layer.feedForwardPostNorm, on: worker)
    }

    /// The logits of the rows asked for; no more of them than `normed` has rows.
    private func computeLogits(on worker: Worker) {
        guard !logitRows.isEmpty else { return }
        // Any row of the stream may be asked for.
        meetIfShared(worker)
        let stream = views.stream.rows(of: worker)
        let normed = views.normed.rows(of: worker).rows(0..<logitRows.count)
        let holdsCodes = decoder.output.layout.holdsCodes
        forEachOwnTile(of: logitRows.count, on: worker) { tile in
            for index in tile {
                let row = logitRows[index]
                normalise(
                    stream.rows(row..<row + 1), decoder.finalNorm, into: normed.rows(index..<index + 1),
                    on: worker.alone)
            }
            if holdsCodes, !views.isReplicated { operations.quantize(normed, tile, into: quantized) }
        }
        meetIfShared(worker)
        operations.multiply(
            normed, isQuantized: !views.isReplicated, by: decoder.output, into: views.logits,
            scratch: quantized, on: worker)
        let embedding = specification.embedding
        guard embedding.logitScale != nil || embedding.logitSoftcap != nil else { return }
        worker.barrier()
        // The same elements on the same worker in both, so no barrier between.
        if let scale = embedding.logitScale { operations.scale(views.logits, by: scale, on: worker) }
        if let cap = embedding.logitSoftcap { operations.softcap(views.logits, cap: cap, on: worker) }
    }
}
