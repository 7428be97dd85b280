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
    /// Each row's position in its own sequence.
    private(set) var positions: [Int] = []
    /// Where each row stands for rotary embeddings: there, but for the rows of images and behind them.
    private(set) var turns: [TokenPosition] = []
    /// The image's vector that each row begins with; nil for tokens. Empty in passes without images.
    private(set) var vectors: [UnsafePointer<Float>?] = []
    /// Where each row stands when it looks beyond its window; empty in passes where all stand where they are.
    private(set) var distantPositions: [Int] = []
    /// The rows whose logits are asked for.
    private(set) var logitRows: [Int] = []

    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package convenience init(
        for decoder: Decoder, maximumRowCount: Int = CacheConfiguration.defaultChunkLength
    ) throws(ModelError) {
        try self.init(for: decoder.specification, maximumRowCount: maximumRowCount)
    }

    init(for specification: DecoderSpecification, maximumRowCount: Int) throws(ModelError) {
        self.specification = specification
        self.maximumRowCount = max(maximumRowCount, 1)
        layout = WorkspaceLayout(specification, maximumRowCount: self.maximumRowCount)
        attention = AttentionWorkspace(queryHeadCount: specification.attention.heads.queryCount)
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

    /// Notes where a pass's rows stand and which of them give logits.
    func place(_ runs: [CacheBatch.Run], _ images: [PlacedImage], _ logits: LogitRows) {
        placeTurns(runs, images)
        positions.removeAll(keepingCapacity: true)
        distantPositions.removeAll(keepingCapacity: true)
        logitRows.removeAll(keepingCapacity: true)
        let isDistant = runs.contains { $0.cache.plan.distantLimit != nil }
        for run in runs {
            for position in run.cache.tokenCount..<run.cache.tokenCount + run.rows.count {
                positions.append(position)
                guard isDistant else { continue }
                distantPositions.append(run.cache.plan.distantPosition(of: position) ?? position)
            }
            switch logits {
            case .none: break
            case .last: logitRows.append(run.rows.upperBound - 1)
            case .all: logitRows.append(contentsOf: run.rows)
            }
        }
    }

    private func placeTurns(_ runs: [CacheBatch.Run], _ images: [PlacedImage]) {
        turns.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
        for (index, run) in runs.enumerated() {
            let grids = images.isEmpty ? run.cache.grids : images.grids(of: run, index)
            for position in run.cache.tokenCount..<run.cache.tokenCount + run.rows.count {
                turns.append(grids.position(of: position))
                if !images.isEmpty { vectors.append(images.vector(at: position, ofRun: index)) }
            }
        }
    }

    /// The views of a pass, made anew only where its shape differs from the last one's.
    func views(
        rowCount: Int, logitCount: Int, workerCount: Int, of stack: LayerStack
    ) throws(ModelError) -> PassViews {
        if let views, views.rowCount == rowCount, views.logits.rowCount == logitCount,
            views.workerCount == workerCount, views.stack === stack
        {
            return views
        }
        let logitByteCount = WorkspaceLayout.logitByteCount(specification, rowCount: logitCount)
        if logits.byteCount < logitByteCount {
            logits = try allocating { () throws(TensorError) in
                try AlignedBuffer(byteCount: logitByteCount, purpose: "logits of \(logitCount) rows")
            }
        }
        let views = PassViews(
            stack, layout: layout, floats: activations.floats, rowCount: rowCount,
            workerCount: workerCount,
            logits: Rows(
                base: logits.floats, rowCount: logitCount,
                columnCount: specification.embedding.vocabularySize,
                stride: WorkspaceLayout.stride(specification.embedding.vocabularySize)),
            experts: experts?.views(rowCount: rowCount), latent: latent)
        self.views = views
        return views
    }

    /// Room for queries and keys at distant positions, had when a pass first needs it.
    func distantViews() throws(ModelError) -> DistantViews {
        if let distant { return distant }
        let views = try DistantViews(specification, layout: layout)
        distant = views
        return views
    }
}
