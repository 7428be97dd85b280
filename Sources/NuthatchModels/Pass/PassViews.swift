import NuthatchTensors

/// A workspace's memory as the rows of a pass.
///
/// Made once for a network and a number of workers; a pass of another number of rows shapes it anew, which asks for no
/// memory. Lists of outputs have all the rows there is room for: what is multiplied into them says how many there are.
final class PassViews {
    let stack: LayerStack
    let workerCount: Int
    /// Rows of the pass.
    private(set) var rowCount = 0
    /// Whether each worker has its own copy of what is worked on row by row.
    private(set) var isReplicated = false
    private let layout: WorkspaceLayout

    // Each with all rows that there is room for.
    private let allStream: Rows
    private let allNormed: Rows
    private let allBranch: Rows
    private let allQueryKeyValue: Rows
    private let allAttention: Rows
    private let latentWorkspace: LatentWorkspace?

    /// Cosines of each rotary table, [row, rotary dimension / 2].
    let cosines: [Rows]
    let sines: [Rows]
    /// Columns of each matrix of each layer's stacks.
    let queryKeyValueOutputs: [[Rows]]
    /// Nil where experts are all there is.
    let gateUp: [GateRows?]
    /// In latent attention's expanded form, of each layer, the columns of each matrix that expands latents.
    let latentExpansions: [[Rows]]
    /// Nil where no layer has any.
    let experts: ExpertViews?
    /// [row, queries], where queries for a source are multiplied; see `ForwardPass.attend(to:_:on:)`.
    let sourceQueries: [Rows]

    /// The residual stream, [row, hiddenSize].
    var stream: ReplicatedRows { replicated(allStream, stride: layout.hiddenStride) }
    /// What a sublayer reads, [row, hiddenSize].
    var normed: ReplicatedRows { replicated(allNormed, stride: layout.hiddenStride) }
    /// What a sublayer gives back, [row, hiddenSize]: one, that all read.
    var branch: Rows { allBranch.rows(0..<rowCount) }
    /// [row, queries | keys | values], as multiplied.
    var queryKeyValue: Rows { allQueryKeyValue.rows(0..<rowCount) }
    /// Heads with biases and norms, turned to their positions: in place where all share it.
    var heads: ReplicatedRows {
        // Copies lie behind what is multiplied.
        let copyStride = isReplicated ? rowCount * layout.innerStride : 0
        let rows = queryKeyValue
        return ReplicatedRows(
            Rows(
                base: rows.base + copyStride, rowCount: rowCount, columnCount: rows.columnCount,
                stride: rows.stride),
            copyStride: copyStride)
    }
    /// [row, queries]
    var attention: Rows { allAttention.rows(0..<rowCount) }
    /// Nil where heads have keys and values of their own.
    var latent: LatentViews? { latentWorkspace?.views(queryKeyValue) }

    init(
        _ stack: LayerStack, layout: WorkspaceLayout, floats: UnsafeMutablePointer<Float>, workerCount: Int,
        experts: ExpertViews?, latent: LatentWorkspace?
    ) {
        let specification = stack.specification
        var next = floats
        func take(_ columnCount: Int, stride: Int) -> Rows {
            defer { next += layout.maximumRowCount * stride }
            return Rows(
                base: next, rowCount: layout.maximumRowCount, columnCount: columnCount, stride: stride)
        }
        allStream = take(specification.hiddenSize, stride: layout.hiddenStride)
        allNormed = take(specification.hiddenSize, stride: layout.hiddenStride)
        allBranch = take(specification.hiddenSize, stride: layout.hiddenStride)
        let inner = take(layout.innerStride, stride: layout.innerStride)
        allAttention = take(specification.attentionWidth, stride: layout.attentionStride)
        var angles: [Rows] = []
        for (rotary, stride) in zip(stack.rotaries, layout.rotaryStrides) {
            for _ in 0..<2 { angles.append(take(rotary.dimension / 2, stride: stride)) }
        }
        let queryKeyValue = inner.columns(0..<specification.attentionInputWidth)
        allQueryKeyValue = queryKeyValue

        self.stack = stack
        self.layout = layout
        self.workerCount = workerCount
        self.experts = experts
        latentWorkspace = latent
        cosines = Swift.stride(from: 0, to: angles.count, by: 2).map { angles[$0] }
        sines = Swift.stride(from: 1, to: angles.count, by: 2).map { angles[$0] }
        sourceQueries = [queryKeyValue.columns(0..<specification.attention.heads.queryWidth)]
        queryKeyValueOutputs = stack.layers.map { $0.queryKeyValue.columns.map(queryKeyValue.columns) }
        let latentViews = latent?.views(queryKeyValue)
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

    /// Becomes the rows of a pass of so many.
    func shape(rowCount: Int) {
        self.rowCount = rowCount
        isReplicated = layout.isReplicated(rowCount: rowCount, workerCount: workerCount)
    }

    private func replicated(_ rows: Rows, stride: Int) -> ReplicatedRows {
        ReplicatedRows(rows.rows(0..<rowCount), copyStride: isReplicated ? rowCount * stride : 0)
    }
}
