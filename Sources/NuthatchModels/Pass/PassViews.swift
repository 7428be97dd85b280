import NuthatchTensors

/// A workspace's memory as the rows of one shape of pass.
final class PassViews {
    let decoder: Decoder
    let rowCount: Int
    let workerCount: Int
    /// The residual stream, [row, hiddenSize].
    let stream: ReplicatedRows
    /// What a sublayer reads, [row, hiddenSize].
    let normed: ReplicatedRows
    /// What a sublayer gives back, [row, hiddenSize]: one, that all read.
    let branch: ReplicatedRows
    /// [row, queries | keys | values]
    let queryKeyValue: Rows
    let queries: Rows
    let keys: Rows
    let values: Rows
    /// Queries and keys, which turn alike.
    let queryKey: Rows
    /// [row, queries]
    let attention: Rows
    /// [row, gate | up], or [row, up] without a gate
    let gateUp: Rows
    /// Where the activation leaves its product: over the gate, or over up without one.
    let gate: Rows
    let up: Rows?
    /// Of each rotary table, [row, rotary dimension / 2].
    let cosines: [Rows]
    let sines: [Rows]
    /// [row asked for, vocabulary]
    let logits: Rows
    /// Of each layer, the columns of each matrix of its stacks.
    let queryKeyValueOutputs: [[Rows]]
    let gateUpOutputs: [[Rows]]

    init(
        _ decoder: Decoder, layout: WorkspaceLayout, floats: UnsafeMutablePointer<Float>, rowCount: Int,
        workerCount: Int, logits: Rows
    ) {
        let specification = decoder.specification
        let heads = specification.attention.heads
        let feedForward = specification.feedForward
        var next = floats
        func take(_ columnCount: Int, stride: Int) -> Rows {
            defer { next += layout.maximumRowCount * stride }
            return Rows(base: next, rowCount: rowCount, columnCount: columnCount, stride: stride)
        }
        let stream = take(specification.hiddenSize, stride: layout.hiddenStride)
        let normed = take(specification.hiddenSize, stride: layout.hiddenStride)
        let branch = take(specification.hiddenSize, stride: layout.hiddenStride)
        let inner = take(layout.innerStride, stride: layout.innerStride)
        let attention = take(heads.queryWidth, stride: layout.attentionStride)
        var turns: [Rows] = []
        for (rotary, stride) in zip(decoder.rotaries, layout.rotaryStrides) {
            for _ in 0..<2 { turns.append(take(rotary.dimension / 2, stride: stride)) }
        }
        let keyStart = heads.queryWidth
        let valueStart = keyStart + heads.kvWidth
        let queryKeyValue = inner.columns(0..<valueStart + heads.kvWidth)
        let gateUp = inner.columns(0..<(feedForward.isGated ? 2 : 1) * feedForward.size)

        self.decoder = decoder
        self.rowCount = rowCount
        self.workerCount = workerCount
        let copyCount = layout.copyCount(rowCount: rowCount, workerCount: workerCount)
        let copyStride = rowCount * layout.hiddenStride
        self.stream = ReplicatedRows(stream, copyCount: copyCount, copyStride: copyStride)
        self.normed = ReplicatedRows(normed, copyCount: copyCount, copyStride: copyStride)
        self.branch = ReplicatedRows(branch, copyCount: copyCount, copyStride: 0)
        self.queryKeyValue = queryKeyValue
        queries = inner.columns(0..<keyStart)
        keys = inner.columns(keyStart..<valueStart)
        values = inner.columns(valueStart..<valueStart + heads.kvWidth)
        queryKey = inner.columns(0..<valueStart)
        self.attention = attention
        self.gateUp = gateUp
        gate = inner.columns(0..<feedForward.size)
        up = feedForward.isGated ? inner.columns(feedForward.size..<2 * feedForward.size) : nil
        cosines = Swift.stride(from: 0, to: turns.count, by: 2).map { turns[$0] }
        sines = Swift.stride(from: 1, to: turns.count, by: 2).map { turns[$0] }
        self.logits = logits
        queryKeyValueOutputs = decoder.layers.map { $0.queryKeyValue.columns.map(queryKeyValue.columns) }
        gateUpOutputs = decoder.layers.map { $0.gateUp.columns.map(gateUp.columns) }
    }
}
