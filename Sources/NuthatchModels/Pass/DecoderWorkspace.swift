package import NuthatchCache
import NuthatchTensors

/// Memory for the activations of one pass at a time, reused from pass to pass.
///
/// Not for two passes at once. Once it has seen a pass of a shape, another of the same shape allocates nothing.
package final class DecoderWorkspace {
    /// The most rows of a pass.
    package let maximumRowCount: Int
    let layout: WorkspaceLayout
    let specification: DecoderSpecification
    package let attention: AttentionWorkspace
    let quantized: QuantizedRows
    private let experts: ExpertWorkspace?
    private let latent: LatentWorkspace?
    private let activations: AlignedBuffer
    private var logits: AlignedBuffer
    private var views: PassViews?
    private var distant: DistantViews?
    /// What the pass under way is made of.
    let rows = PassRows()

    /// - Parameter pool: whose budget attention's scratch memory is part of; nil for nobody's.
    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package convenience init(
        for decoder: Decoder, maximumRowCount: Int = CacheConfiguration.defaultChunkLength,
        pool: PagePool? = nil
    ) throws(ModelError) {
        try self.init(for: decoder.specification, maximumRowCount: maximumRowCount, pool: pool)
    }

    init(
        for specification: DecoderSpecification, maximumRowCount: Int, pool: PagePool? = nil
    ) throws(ModelError) {
        self.specification = specification
        self.maximumRowCount = max(maximumRowCount, 1)
        layout = WorkspaceLayout(specification, maximumRowCount: self.maximumRowCount)
        attention = AttentionWorkspace(
            queryHeadCount: specification.attention.heads.queryCount, pool: pool)
        let (specification, rowCount) = (specification, self.maximumRowCount)
        experts = try specification.usedExperts.map { (experts) throws(ModelError) in
            try ExpertWorkspace(specification, experts, maximumRowCount: rowCount)
        }
        latent = try specification.attention.latent.map { (latent) throws(ModelError) in
            try LatentWorkspace(specification, latent, maximumRowCount: rowCount)
        }
        do {
            activations = try AlignedBuffer(
                byteCount: layout.floatCount * MemoryLayout<Float>.size, purpose: "activations")
            quantized = try QuantizedRows(
                maximumRowCount: self.maximumRowCount, maximumColumnCount: layout.widestInput)
            logits = try AlignedBuffer(
                byteCount: WorkspaceLayout.logitByteCount(specification, rowCount: 1), purpose: "logits")
        } catch { throw .tensors(error) }
    }

    /// Bytes held now.
    package var byteCount: Int {
        layout.byteCount + logits.byteCount + attention.byteCount
            + (distant == nil ? 0 : layout.distantByteCount)
    }

    /// The views of the pass whose rows are noted, made anew only for another network or other workers.
    func shapedViews(workerCount: Int, of stack: LayerStack) -> PassViews {
        if views?.stack !== stack || views?.workerCount != workerCount { views = nil }
        let shaped =
            views
            ?? PassViews(
                stack, layout: layout, floats: activations.floats, workerCount: workerCount,
                experts: experts?.views, latent: latent)
        views = shaped
        shaped.shape(rowCount: rows.tokens.count)
        return shaped
    }

    /// Room for the logits that the pass's rows are asked for, [row asked for, vocabulary].
    func logitRows() throws(ModelError) -> Rows {
        let rowCount = rows.logitRows.count
        let byteCount = WorkspaceLayout.logitByteCount(specification, rowCount: rowCount)
        if logits.byteCount < byteCount {
            logits = try allocating { () throws(TensorError) in
                try AlignedBuffer(byteCount: byteCount, purpose: "logits of \(Counted.text(rowCount, "row"))")
            }
        }
        return Rows(
            base: logits.floats, rowCount: rowCount, columnCount: specification.embedding.vocabularySize,
            stride: WorkspaceLayout.stride(specification.embedding.vocabularySize))
    }

    /// Room for queries and keys at distant positions, had when a pass first needs it.
    func distantViews() throws(ModelError) -> DistantViews {
        if let distant { return distant }
        let views = try DistantViews(specification, layout: layout)
        distant = views
        return views
    }
}
