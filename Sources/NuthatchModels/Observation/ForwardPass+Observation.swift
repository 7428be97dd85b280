import NuthatchTensors

extension ForwardPass {
    /// Copies the worker's own rows of the stream, where somebody wants to see it.
    func noteStream(_ index: Int, on worker: Worker) {
        guard let states = observer?.hiddenStateRows(index) else { return }
        let stream = views.stream.rows(of: worker)
        for row in notedRows(of: worker) {
            let (from, to) = (stream.rows(row..<row + 1), states.rows(row..<row + 1))
            if index == specification.layers.count, let norm = stack.finalNorm {
                normalise(from, norm, into: to, on: worker.alone)
            } else {
                from.copy(to: to)
            }
        }
    }

    /// Copies some rows of the queries that a layer's keys are about to meet.
    func noteQueries(_ queries: Rows, _ rows: Range<Int>, layer: Int) {
        guard let noted = observer?.queryRows(layer: layer) else { return }
        queries.rows(rows).copy(to: noted.rows(rows))
    }

    /// The rows that this worker copies: where each has a copy of all, one does it.
    func notedRows(of worker: Worker) -> Range<Int> {
        views.isReplicated && worker.index > 0 ? 0..<0 : ownRows(of: worker)
    }
}
