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
    /// Heads with biases and norms, turned to their positions: in place where all share it.
    let heads: ReplicatedRows
    /// [row, queries]
    let attention: Rows
    /// Cosines of each rotary table, [row, rotary dimension / 2].
    let cosines: [Rows]
    let sines: [Rows]
    /// [row asked for, vocabulary]
    let logits: Rows
    /// Columns of each matrix of each layer's stacks.
    let queryKeyValueOutputs: [[Rows]]
    /// Nil where experts are all there is.
    let gateUp: [GateRows?]
    /// Nil where heads have keys and values of their own.
    let latent: LatentViews?
    /// In its expanded form, of each layer, the columns of each matrix that expands latents.
    let latentExpansions: [[Rows]]
    /// Nil where no layer has any.
    let experts: ExpertViews?
    /// [row, queries], where queries for a source are multiplied; see `ForwardPass.attend(to:_:on:)`.
    let sourceQueries: [Rows]

    init(
        _ stack: LayerStack, layout: WorkspaceLayout, floats: UnsafeMutablePointer<Float>, rowCount: Int,
        workerCount: Int, logits: Rows, experts: ExpertViews?, latent: LatentWorkspace?
    ) {
        let specification = stack.specification
        var next = floats
        func take(_ columnCount: Int, stride: Int) -> Rows {
            defer { next += layout.maximumRowCount * stride }
            return Rows(base: next, rowCount: rowCount, columnCount: columnCount, stride: stride)
        }
        let stream = take(specification.hiddenSize, stride: layout.hiddenStride)
        let normed = take(specification.hiddenSize, stride: layout.hiddenStride)
        let branch = take(specification.hiddenSize, stride: layout.hiddenStride)
        let inner = take(layout.innerStride, stride: layout.innerStride)
        let attention = take(specification.attentionWidth, stride: layout.attentionStride)
        var angles: [Rows] = []
        for (rotary, stride) in zip(stack.rotaries, layout.rotaryStrides) {
            for _ in 0..<2 { angles.append(take(rotary.dimension / 2, stride: stride)) }
        }
        let queryKeyValue = inner.columns(0..<specification.attentionInputWidth)

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
        cosines = Swift.stride(from: 0, to: angles.count, by: 2).map { angles[$0] }
        sines = Swift.stride(from: 1, to: angles.count, by: 2).map { angles[$0] }
        self.logits = logits
        sourceQueries = [queryKeyValue.columns(0..<specification.attention.heads.queryWidth)]
        queryKeyValueOutputs = stack.layers.map { $0.queryKeyValue.columns.map(queryKeyValue.columns) }
        self.experts = experts
        let latentViews = latent?.views(queryKeyValue)
        self.latent = latentViews
        latentExpansions = stack.layers.map { layer in
            guard let latentViews, case .expanded(let expansion) = layer.latent?.expansion else { return [] }
            return expansion.columns.map(latentViews.expansion.columns)
        }
        gateUp = stack.layers.map { layer in
            layer.feedForward.map { weights in
                let size = weights.size
                return GateRows(
                    gate: inner.columns(0..<size),
                    up: specification.feedForward.isGated ? inner.columns(size..<2 * size) : nil,
                    outputs: weights.gateUp.columns.map(inner.columns))
            }
        }
    }
}
