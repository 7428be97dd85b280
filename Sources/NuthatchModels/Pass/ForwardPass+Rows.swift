import NuthatchTensors

/// What is done row by row. Each worker has its own rows from sublayer to sublayer: all of them, in its own copy, or a
/// share. So sums, norms and the quantising of what they give follow each other without a barrier.
extension ForwardPass {
    /// The rows of the stream that this worker alone reads and writes between two sublayers.
    func ownRows(of worker: Worker) -> Range<Int> {
        views.isReplicated ? 0..<views.rowCount : worker.tiledShare(of: views.rowCount)
    }

    /// Calls `body` with the worker's own rows of so many, in parts that stay close at hand.
    func forEachOwnTile(of rowCount: Int, on worker: Worker, _ body: (Range<Int>) -> Void) {
        if views.isReplicated { return body(0..<rowCount) }
        worker.forEachOwnTile(of: rowCount, body)
    }

    /// Where rows are shared, the end of what each does to its own before others read it.
    func waitIfShared(_ worker: Worker) {
        if !views.isReplicated { worker.barrier() }
    }

    /// What a sublayer reads, quantised in the shared scratch where rows are shared and some matrix asks for it: the
    /// stream, normalised; without a norm what attention read, where sublayers share one, or else the stream itself.
    func readStream(_ norm: NormWeights?, for matrices: [PackedMatrix], on worker: Worker) -> Rows {
        let stream = views.stream.rows(of: worker)
        let hasNorms = specification.norms.order.precedesSublayers
        let input = hasNorms ? views.normed.rows(of: worker) : stream
        let isQuantizing = !views.isReplicated && matrices.contains(where: \.layout.holdsCodes)
        forEachOwnTile(of: views.rowCount, on: worker) { tile in
            if let norm { normalise(stream.rows(tile), norm, into: input.rows(tile), on: worker.alone) }
            if isQuantizing { operations.quantize(input, tile, into: quantized) }
        }
        waitIfShared(worker)
        return input
    }

    func normalise(_ input: Rows, _ norm: NormWeights, into output: Rows, on worker: Worker) {
        let norms = specification.norms
        operations.normalise(input, norm, norms.kind, epsilon: norms.epsilon, into: output, on: worker)
    }

    /// Adds what a sublayer gave, all of which is there, to the worker's own rows of the stream.
    func join(bias: FloatVector?, norm: NormWeights?, on worker: Worker) {
        let rows = ownRows(of: worker)
        if rows.isEmpty { return }
        let alone = worker.alone
        let stream = views.stream.rows(of: worker).rows(rows)
        let scale = specification.residualScale
        let normsSum = specification.norms.order == .afterSum
        let branchNorm = normsSum ? nil : norm
        var addend = views.branch.rows(rows)
        if branchNorm != nil || scale != nil {
            // The branch itself may be read by all.
            let own = views.normed.rows(of: worker).rows(rows)
            if bias != nil || branchNorm == nil { addend.copy(to: own) }
            if let bias { operations.add(bias: bias.base, to: own, on: alone) }
            if let branchNorm { normalise(bias == nil ? addend : own, branchNorm, into: own, on: alone) }
            if let scale { operations.scale(own, by: scale, on: alone) }
            addend = own
        } else if let bias {
            operations.add(bias: bias.base, to: stream, on: alone)
        }
        operations.add(addend, to: stream, on: alone)
        if normsSum, let norm { normalise(stream, norm, into: stream, on: alone) }
    }
}
