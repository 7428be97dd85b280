import NuthatchTensors

extension ForwardPass {
    /// Scores the experts for each row and notes who uses which. Others read the routes behind a barrier.
    func route(_ input: Rows, _ experts: ExpertWeights, _ expertViews: ExpertViews, on worker: Worker) {
        let scores = expertViews.scores.rows(0..<views.rowCount)
        operations.multiply(
            input, isQuantized: !views.isReplicated, by: experts.router, into: scores,
            scratch: quantized, on: worker)
        worker.barrier()
        // A row takes microseconds, its experts a thousand times as long; so nobody shares this.
        guard worker.index == 0 else { return }
        expertViews.routes.assign(scores, selectionBias: experts.selectionBias)
    }

    /// Leaves what each row's experts give in `branch`, or adds it where that holds what all rows use.
    ///
    /// Rows are sorted by expert, so that an expert's weights are read once; each row's own sum is in the experts'
    /// order, whatever rows lie beside it.
    func mix(_ input: Rows, _ layer: DecoderLayer, _ expertViews: ExpertViews, on worker: Worker) {
        guard let weights = layer.experts, let mixture = specification.feedForward.experts else { return }
        let experts = weights.experts
        let (routes, groups) = (expertViews.routes, expertViews.routes.groups)
        let (gathered, gateUp) = (expertViews.gathered, expertViews.gateUp)
        groups.forEachOwnTile(on: worker) { tile in
            for assignment in tile {
                gathered[assignment].update(
                    from: input[routes.row(assignment)], count: gathered.columnCount)
            }
            if weights.readsCodes {
                operations.quantize(tile: tile, of: gathered, into: expertViews.quantized)
            }
        }
        worker.barrier()
        operations.multiplyAndActivate(
            gathered, groups, byGate: { experts[$0].gate }, up: { experts[$0].up },
            activation: specification.feedForward.activation, into: gateUp, scratch: expertViews.quantized,
            on: worker)
        worker.barrier()
        if weights.endsInCodes {
            groups.forEachOwnTile(on: worker) { tile in
                operations.quantize(tile: tile, of: gateUp.gate, into: expertViews.quantized)
            }
            worker.barrier()
        }
        operations.multiply(
            gateUp.gate, groups, by: { experts[$0].down }, into: gathered, scratch: expertViews.quantized,
            on: worker)
        worker.barrier()
        let (rows, columns) = worker.share(
            ofRows: views.rowCount, orColumns: views.branch.columnCount, grain: PackedMatrix.panelWidth)
        if columns.isEmpty { return }
        for row in rows {
            sum(row, columns, mixture.usedCount, isAdding: layer.feedForward != nil, expertViews, on: worker)
        }
    }

    /// The weighted sum of what a row's experts gave, in some columns.
    private func sum(
        _ row: Int, _ columns: Range<Int>, _ usedCount: Int, isAdding: Bool, _ expertViews: ExpertViews,
        on worker: Worker
    ) {
        let target = views.branch.rows(row..<row + 1).columns(columns)
        for k in 0..<usedCount {
            let (assignment, weight) = expertViews.routes.route(row, k)
            let given = expertViews.gathered.rows(assignment..<assignment + 1).columns(columns)
            operations.scale(given, by: weight, on: worker.alone)
            if k == 0, !isAdding {
                given.copy(to: target)
            } else {
                operations.add(given, to: target, on: worker.alone)
            }
        }
    }
}
