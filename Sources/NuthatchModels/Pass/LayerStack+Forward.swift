import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// One pass over the next tokens of some sequences, as `Decoder.forward`.
    ///
    /// - Parameters:
    ///   - sourceLayers: what looks at the sources, layer by layer; empty for decoders without.
    ///   - sourceEntries: the same rows with the sources they look at.
    func forward(
        _ tokens: ArraySlice<TokenID>, entries: [CacheBatch.Entry], images: [PlacedImage] = [],
        sourceLayers: [SourceLayer] = [],
        sourceEntries: [CrossBatch.Entry] = [], logits: LogitRows, observer: PassObserver? = nil,
        workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try check(tokens, entries, workspace)
        try checkObservation(observer, of: entries)
        workspace.place(entries, images, logits)
        let views = try workspace.views(
            rowCount: tokens.count, logitCount: workspace.logitRows.count, workerCount: pool.workerCount,
            of: self)
        let distant = workspace.distantPositions.isEmpty ? nil : try workspace.distantViews()
        let batch: CacheBatch
        var source: SourceAttention?
        do {
            for entry in entries { try entry.cache.reserve(entry.rows.count) }
            batch = try CacheBatch(entries, workspace: workspace.attention, workerCount: pool.workerCount)
            if !sourceLayers.isEmpty {
                source = SourceAttention(
                    layers: sourceLayers,
                    batch: try CrossBatch(
                        sourceEntries, workspace: workspace.attention, workerCount: pool.workerCount))
            }
        } catch { throw .cache(error) }
        pool.run(
            ForwardPass(
                stack: self, views: views, distant: distant, batch: batch, source: source,
                quantized: workspace.quantized, tokens: tokens, positions: workspace.positions,
                ropePositions: workspace.ropePositions, vectors: workspace.vectors,
                distantPositions: workspace.distantPositions, logitRows: workspace.logitRows,
                observer: observer))
        do {
            try batch.finish()
            try source?.batch.finish()
            if let observer { observer.attentions = try attentions(observed: observer, in: entries[0].cache) }
        } catch { throw .cache(error) }
        for (index, entry) in entries.enumerated() {
            let rows = entry.rows.lowerBound + tokens.startIndex..<entry.rows.upperBound + tokens.startIndex
            entry.cache.commit(tokens[rows], images: images.begun(in: entry, index))
        }
        return views.logits
    }

    private func check(
        _ tokens: ArraySlice<TokenID>, _ entries: [CacheBatch.Entry], _ workspace: DecoderWorkspace
    ) throws(ModelError) {
        guard workspace.specification == specification else {
            throw .invalidBatch(reason: "the workspace was made for another model")
        }
        guard tokens.count <= workspace.maximumRowCount else {
            throw .invalidBatch(
                reason:
                    "there are \(tokens.count) rows and the workspace has room for \(workspace.maximumRowCount)"
            )
        }
        var next = 0
        for (index, entry) in entries.enumerated() {
            guard entry.rows.lowerBound == next, !entry.rows.isEmpty else {
                throw .invalidBatch(reason: "entry \(index) does not begin at row \(next) or is empty")
            }
            next = entry.rows.upperBound
            guard entry.cache.layers == layerGeometries else { throw .layersDiffer }
            guard !entries[..<index].contains(where: { $0.cache === entry.cache }) else {
                throw .invalidBatch(reason: "entry \(index) shares its cache with another")
            }
            let (end, overflow) = entry.cache.tokenCount.addingReportingOverflow(entry.rows.count)
            try context.check(overflow ? .max : end, in: entry.cache.plan)
        }
        guard next == tokens.count, next > 0 else {
            throw .invalidBatch(reason: "the entries have \(next) rows and there are \(tokens.count) tokens")
        }
        try check(tokens)
    }

    /// Whether all tokens are in the vocabulary.
    func check(_ tokens: ArraySlice<TokenID>) throws(ModelError) {
        let vocabularySize = specification.embedding.vocabularySize
        for (index, token) in tokens.enumerated() {
            guard token >= 0, Int(token) < vocabularySize else {
                throw .tokenOutOfRange(token: token, index: index, vocabularySize: vocabularySize)
            }
        }
    }
}
