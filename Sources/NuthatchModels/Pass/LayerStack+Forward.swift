import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// One pass over the next tokens of some sequences, as `Decoder.forward`.
    ///
    /// - Parameters:
    ///   - sourceLayers: what looks at the sources, layer by layer; empty for decoders without.
    ///   - sourceRuns: the same rows with the sources they look at.
    func forward(
        _ tokens: ArraySlice<TokenID>, runs: [CacheBatch.Run], images: [PlacedImage] = [],
        sourceLayers: [SourceLayer] = [],
        sourceRuns: [CrossBatch.Run] = [], logits: LogitRows, observer: PassObserver? = nil,
        workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try check(tokens, runs, workspace)
        try checkObservation(observer, of: runs)
        workspace.place(runs, images, logits)
        let views = try workspace.views(
            rowCount: tokens.count, logitCount: workspace.logitRows.count, workerCount: pool.workerCount,
            of: self)
        let distant = workspace.distantPositions.isEmpty ? nil : try workspace.distantViews()
        let batch: CacheBatch
        var source: SourceAttention?
        do {
            for run in runs { try run.cache.reserve(run.rows.count) }
            batch = try CacheBatch(runs, workspace: workspace.attention, workerCount: pool.workerCount)
            if !sourceLayers.isEmpty {
                source = SourceAttention(
                    layers: sourceLayers,
                    batch: try CrossBatch(
                        sourceRuns, workspace: workspace.attention, workerCount: pool.workerCount))
            }
        } catch { throw .cache(error) }
        pool.run(
            ForwardPass(
                stack: self, views: views, distant: distant, batch: batch, source: source,
                quantized: workspace.quantized, tokens: tokens, positions: workspace.positions,
                turns: workspace.turns, vectors: workspace.vectors,
                distantPositions: workspace.distantPositions, logitRows: workspace.logitRows,
                observer: observer))
        do {
            try batch.finish()
            try source?.batch.finish()
            if let observer { observer.attentions = try attentions(observed: observer, in: runs[0].cache) }
        } catch { throw .cache(error) }
        for (index, run) in runs.enumerated() {
            let start = run.cache.tokenCount
            run.cache.commit(run.rows.count)
            for image in images where image.run == index && image.grid.start >= start {
                if image.grid.start < run.cache.tokenCount { run.cache.add(image.grid) }
            }
        }
        return views.logits
    }

    private func check(
        _ tokens: ArraySlice<TokenID>, _ runs: [CacheBatch.Run], _ workspace: DecoderWorkspace
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
        for (index, run) in runs.enumerated() {
            guard run.rows.lowerBound == next, !run.rows.isEmpty else {
                throw .invalidBatch(reason: "run \(index) does not begin at row \(next) or is empty")
            }
            next = run.rows.upperBound
            guard run.cache.layers == layerGeometries else { throw .layersDiffer }
            guard !runs[..<index].contains(where: { $0.cache === run.cache }) else {
                throw .invalidBatch(reason: "run \(index) shares its cache with another")
            }
            try context.check(run.rows.count, behind: run.cache.tokenCount, in: run.cache.plan)
        }
        guard next == tokens.count, next > 0 else {
            throw .invalidBatch(reason: "the runs have \(next) rows and there are \(tokens.count) tokens")
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
