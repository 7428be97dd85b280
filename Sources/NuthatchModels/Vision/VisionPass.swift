import NuthatchCache
import NuthatchTensors

/// An image's way through a vision tower, run by every worker at once.
///
/// What is done row by row is done in chunks, whose inner activations stay in the caches; only attention looks at all
/// patches. A barrier stands wherever an operation reads what others wrote, or writes what others may still read.
struct VisionPass: WorkerProgram {
    let tower: VisionTower
    let workspace: VisionWorkspace
    /// [token, outputSize], in the grid's order.
    let output: Rows

    var operations: Operations { tower.operations }
    var specification: VisionSpecification { tower.specification }

    func run(on worker: Worker) {
        embed(on: worker)
        for layer in tower.layers {
            for chunk in workspace.chunks { project(chunk, layer, on: worker) }
            workspace.attention.attend(
                workspace.queries, scale: Float(1 / Double(specification.headDimension).squareRoot()),
                cut: workspace.cut(layer.reach), into: workspace.queries, on: worker)
            worker.barrier()
            for chunk in workspace.chunks { feedForward(chunk, layer, on: worker) }
        }
        for chunk in workspace.chunks { merge(chunk, on: worker) }
    }

    /// Patches to vectors, and the cosines and sines of their places.
    private func embed(on worker: Worker) {
        let rotary = VisionRotary(specification)
        for row in worker.share(of: workspace.stream.rowCount) {
            rotary.fill(
                workspace.order.places[row], cosines: workspace.cosines[row], sines: workspace.sines[row])
        }
        for chunk in workspace.chunks {
            operations.multiply(
                workspace.patches.rows(chunk), by: tower.patchEmbedding, into: workspace.stream.rows(chunk),
                scratch: workspace.quantized, on: worker)
            worker.barrier()
        }
    }

    /// A chunk's queries, keys and values, turned to their places.
    private func project(_ chunk: Range<Int>, _ layer: VisionLayer, on worker: Worker) {
        let normed = workspace.normed.rows(0..<chunk.count)
        let width = specification.hiddenSize
        let inner = workspace.inner(rowCount: chunk.count, columnCount: 3 * width)
        let own = worker.share(of: chunk.count)
        let ownRows = chunk.lowerBound + own.lowerBound..<chunk.lowerBound + own.upperBound
        normalise(workspace.stream.rows(ownRows), layer.attentionNorm, into: normed.rows(own), on: worker)
        worker.barrier()
        operations.multiply(
            normed, by: layer.queryKeyValue, into: inner, scratch: workspace.quantized, on: worker)
        worker.barrier()
        let rows = inner.rows(own)
        if !own.isEmpty {
            operations.add(bias: layer.queryKeyValueBias.base, to: rows, on: worker.alone)
            // Queries and keys turn alike.
            operations.rotate(
                rows.columns(0..<2 * width), headCount: 2 * specification.headCount,
                headDimension: specification.headDimension, cosines: workspace.cosines.rows(ownRows),
                sines: workspace.sines.rows(ownRows), pairing: .halves, on: worker.alone)
            rows.columns(0..<width).copy(to: workspace.queries.rows(ownRows))
        }
        worker.barrier()
        workspace.attention.write(
            keys: inner.columns(width..<2 * width), values: inner.columns(2 * width..<3 * width),
            firstRow: chunk.lowerBound, cut: workspace.cut(layer.reach), on: worker)
        // The next chunk writes to `normed`, which nobody reads any more; `inner` comes behind its barrier. Attention
        // reads what all have written.
        if chunk.upperBound == workspace.stream.rowCount { worker.barrier() }
    }

    /// A chunk's sums: what attention gave, and what feed-forward makes of them.
    private func feedForward(_ chunk: Range<Int>, _ layer: VisionLayer, on worker: Worker) {
        let width = specification.hiddenSize
        let normed = workspace.normed.rows(0..<chunk.count)
        let branch = workspace.branch(rowCount: chunk.count, columnCount: width)
        let own = worker.share(of: chunk.count)
        let stream = workspace.stream.rows(
            chunk.lowerBound + own.lowerBound..<chunk.lowerBound + own.upperBound)
        operations.multiply(
            workspace.queries.rows(chunk), by: layer.attentionOutput, into: branch,
            scratch: workspace.quantized, on: worker)
        worker.barrier()
        join(branch.rows(own), layer.attentionOutputBias, to: stream, on: worker)
        normalise(stream, layer.feedForwardNorm, into: normed.rows(own), on: worker)
        worker.barrier()
        let gated = gateRows(rowCount: chunk.count, layer)
        operations.multiplyAndActivate(
            normed, by: layer.gateUp.matrices, bias: layer.gateUpBias.base,
            activation: specification.feedForward.activation, into: gated, scratch: workspace.quantized,
            on: worker)
        worker.barrier()
        operations.multiply(
            gated.gate, by: layer.down, into: branch, scratch: workspace.quantized, on: worker)
        worker.barrier()
        join(branch.rows(own), layer.downBias, to: stream, on: worker)
        worker.barrier()
    }

    private func gateRows(rowCount: Int, _ layer: VisionLayer) -> GateRows {
        let size = specification.feedForward.size
        let isGated = specification.feedForward.isGated
        let inner = workspace.inner(rowCount: rowCount, columnCount: isGated ? 2 * size : size)
        return GateRows(
            gate: inner.columns(0..<size), up: isGated ? inner.columns(size..<2 * size) : nil,
            outputs: layer.gateUp.columns.map(inner.columns))
    }

    /// A chunk's tokens, each where the grid has it.
    private func merge(_ chunk: Range<Int>, on worker: Worker) {
        let mergeCount = specification.patches.mergeCount
        let tokenCount = chunk.count / mergeCount
        let width = mergeCount * specification.hiddenSize
        let own = worker.share(of: chunk.count)
        normalise(
            workspace.stream.rows(chunk.lowerBound + own.lowerBound..<chunk.lowerBound + own.upperBound),
            tower.mergerNorm, into: workspace.normed.rows(own), on: worker)
        worker.barrier()
        let blocks = Rows(
            base: workspace.normed.base, rowCount: tokenCount, columnCount: width, stride: width)
        // As many floats as the queries of the chunk's patches, of three parts.
        let inner = workspace.inner(rowCount: tokenCount, columnCount: width)
        operations.multiplyAndActivate(
            blocks, by: [tower.mergerInput], bias: tower.mergerInputBias.base, activation: .geluErf,
            into: GateRows(gate: inner, up: nil, outputs: [inner]), scratch: workspace.quantized, on: worker)
        worker.barrier()
        let tokens = workspace.branch(rowCount: tokenCount, columnCount: specification.outputSize)
        operations.multiply(
            inner, by: tower.mergerOutput, into: tokens, scratch: workspace.quantized, on: worker)
        worker.barrier()
        for token in worker.share(of: tokenCount) {
            let row = tokens.rows(token..<token + 1)
            operations.add(bias: tower.mergerOutputBias.base, to: row, on: worker.alone)
            let block = workspace.order.blocks[chunk.lowerBound / mergeCount + token]
            row.copy(to: output.rows(block..<block + 1))
        }
        worker.barrier()
    }

    // MARK: Rows

    /// Adds a sublayer's output with its bias to the stream.
    private func join(_ branch: Rows, _ bias: FloatVector, to stream: Rows, on worker: Worker) {
        if branch.rowCount == 0 { return }
        operations.add(bias: bias.base, to: branch, on: worker.alone)
        operations.add(branch, to: stream, on: worker.alone)
    }

    private func normalise(_ input: Rows, _ norm: NormWeights, into output: Rows, on worker: Worker) {
        if input.rowCount == 0 { return }
        operations.normalise(
            input, norm, specification.norm, epsilon: VisionSpecification.epsilon, into: output,
            on: worker.alone)
    }
}
