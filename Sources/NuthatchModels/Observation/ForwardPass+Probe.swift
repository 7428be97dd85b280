import NuthatchTensors

extension ForwardPass {
    /// Copies the worker's own rows of what is worked on row by row, where somebody wants to see it.
    func note(_ stage: ProbeStage, layer: Int = 0, _ rows: Rows, on worker: Worker) {
        guard let probe, let noted = probe.noted(stage, layer: layer) else { return }
        copy(notedRows(of: worker), of: rows, to: noted)
    }

    /// Copies the stream behind a layer, and behind the last one what its norm makes of it.
    func noteStream(behind layer: Int, on worker: Worker) {
        guard let probe else { return }
        let stream = views.stream.rows(of: worker)
        note(.feedForward, layer: layer, stream, on: worker)
        guard layer + 1 == specification.layers.count, let noted = probe.noted(.norm, layer: layer + 1) else {
            return
        }
        for row in notedRows(of: worker) {
            let (from, to) = (stream.rows(row..<row + 1), noted.rows(row..<row + 1))
            if let norm = stack.finalNorm {
                normalise(from, norm, into: to, on: worker.alone)
            } else {
                from.copy(to: to)
            }
        }
    }

    /// Copies some rows of what a layer's input was multiplied to.
    func noteMultiplied(_ rows: Range<Int>, layer: Int) {
        guard let probe, let noted = probe.noted(.queriesKeysValues, layer: layer) else { return }
        copy(rows, of: views.queryKeyValue, to: noted)
    }

    /// Copies some rows of the queries, keys and values that a layer's cache is about to meet.
    func noteTurned(
        _ turned: (queries: Rows, keys: Rows, values: Rows), _ rows: Range<Int>, layer: Int
    ) {
        guard let probe else { return }
        if let noted = probe.noted(.scores, layer: layer, .queries) {
            copy(rows, of: turned.queries, to: noted)
        }
        for (side, turned) in [
            (PassProbe.Side.queries, turned.queries), (.keys, turned.keys), (.values, turned.values),
        ] {
            guard let noted = probe.noted(.rotated, layer: layer, side) else { return }
            copy(rows, of: turned, to: noted)
        }
    }

    private func copy(_ rows: Range<Int>, of origin: Rows, to noted: Rows) {
        if rows.isEmpty { return }
        origin.rows(rows).copy(to: noted.rows(rows))
    }

    /// The rows that this worker copies: where each has a copy of all, one does it.
    func notedRows(of worker: Worker) -> Range<Int> {
        views.isReplicated && worker.index > 0 ? 0..<0 : ownRows(of: worker)
    }
}
