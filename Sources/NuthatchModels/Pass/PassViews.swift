import NuthatchTensors

/// A workspace's memory as the rows of one shape of pass.
final class PassViews {
    let stack: LayerStack
    let rowCount: Int
    let workerCount: Int
    /// Whether each worker has its own copy of what is worked on row by row.
    let isReplicated: Bool
    /// The residual stream, [row, hiddenSize].
    let stream: ReplicatedRows
    /// What a sublayer reads, [row, hiddenSize].
    let normed: ReplicatedRows
    /// What a sublayer gives back, [row, hiddenSize]: one, that all read.
    let branch: Rows
    /// [row, queries | keys | values], as multiplied.
    let queryKeyValue: Rows
    /// The same with biases and norms, turned to their positions: in place where all share it.
    let heads: ReplicatedRows
    /// [row, queries]
    let attention: Rows
    /// Of each rotary table, [row, rotary dimension / 2].
    let cosines: [Rows]
    let sines: [Rows]
    /// [row asked for, vocabulary]
    let logits: Rows
    /// Of each layer, the columns of each matrix of its stacks.
    let queryKeyValueOutputs: [[Rows]]
    let gateUp: [GateRows]
    /// [row, queries], where queries for a source are multiplied; see `ForwardPass.attend(to:_:on:)`.
    let sourceQueries: [Rows]

    init(
        _ stack: LayerStack, layout: WorkspaceLayout, floats: UnsafeMutablePointer<Float>, rowCount: Int,
        workerCount: Int, logits: Rows
    ) {
        let specification = stack.specification
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
        for (rotary, stride) in zip(stack.rotaries, layout.rotaryStrides) {
            for _ in 0..<2 { turns.append(take(rotary.dimension / 2, stride: stride)) }
        }
        let queryKeyValue = inner.columns(0..<heads.queryWidth + 2 * heads.kvWidth)
        let gateUp = inner.columns(0..<(feedForward.isGated ? 2 : 1) * feedForward.size)

        self.stack = stack
        self.rowCount = rowCount
        self.workerCount = workerCount
        isReplicated = layout.isReplicated(rowCount: rowCount, workerCount: workerCount)
        let copyStride = isReplicated ? rowCount * layout.hiddenStride : 0
        self.stream = ReplicatedRows(stream, copyStride: copyStride)
        self.normed = ReplicatedRows(normed, copyStride: copyStride)
        self.branch = branch
        self.queryKeyValue = queryKeyValue
        // Copies lie behind what is multiplied.
        let innerCopyStride = isReplicated ? rowCount * layout.innerStride : 0
        self.heads = ReplicatedRows(
            Rows(
                base: queryKeyValue.base + innerCopyStride, rowCount: rowCount,
                columnCount: queryKeyValue.columnCount, stride: queryKeyValue.stride),
            copyStride: innerCopyStride)
        self.attention = attention
        let gate = inner.columns(0..<feedForward.size)
        let up = feedForward.isGated ? inner.columns(feedForward.size..<2 * feedForward.size) : nil
        cosines = Swift.stride(from: 0, to: turns.count, by: 2).map { turns[$0] }
        sines = Swift.stride(from: 1, to: turns.count, by: 2).map { turns[$0] }
        self.logits = logits
        sourceQueries = [queryKeyValue.columns(0..<heads.queryWidth)]
        queryKeyValueOutputs = stack.layers.map { $0.queryKeyValue.columns.map(queryKeyValue.columns) }
        self.gateUp = stack.layers.map {
            GateRows(gate: gate, up: up, outputs: $0.gateUp.columns.map(gateUp.columns))
        }
    }
}
