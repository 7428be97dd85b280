import NuthatchTensors

/// What follows each multiplication of a pass, for memory to be asked ahead. Only hints: where something else comes
/// between (experts, a source), there is none.
extension ForwardPass {
    /// Behind queries, keys and values.
    func upcomingAttentionOutput(_ layer: DecoderLayer, on worker: Worker) -> PrefetchHint? {
        guard layer.latent == nil else { return nil }
        return operations.upcoming(layer.attentionOutput, rowCount: views.rowCount, on: worker)
    }

    /// Behind attention's output.
    func upcomingFeedForward(_ layer: DecoderLayer, on worker: Worker) -> PrefetchHint? {
        guard layer.experts == nil, source == nil, let weights = layer.feedForward else { return nil }
        return operations.upcoming(
            weights.gateUp.matrices, width: weights.size, rowCount: views.rowCount, on: worker)
    }

    /// Behind a layer: the next one, or what logits are made by.
    func upcomingLayer(after index: Int, on worker: Worker) -> PrefetchHint? {
        guard stack.layers[index].experts == nil else { return nil }
        if index + 1 < stack.layers.count { return upcomingLayer(index + 1, on: worker) }
        guard let output = stack.output, !rows.logitRows.isEmpty else { return nil }
        return operations.upcoming(
            output.projection ?? output.matrix, rowCount: rows.logitRows.count, on: worker)
    }

    /// Behind logits: a step of decoding is followed by another.
    func upcomingPass(on worker: Worker) -> PrefetchHint? { upcomingLayer(0, on: worker) }

    private func upcomingLayer(_ index: Int, on worker: Worker) -> PrefetchHint? {
        operations.upcoming(
            stack.layers[index].queryKeyValue.matrices, rowCount: views.rowCount, on: worker)
    }
}
