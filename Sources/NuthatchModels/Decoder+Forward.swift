package import NuthatchCache
package import NuthatchTensors

/// Which rows of a pass give logits.
package enum LogitRows: Sendable {
    case none
    /// The last row of each run, in the runs' order.
    case last
    case all
}

extension Decoder {
    /// One pass over the next tokens of some sequences.
    ///
    /// Everything that can fail comes first: when this throws, no cache has changed. When it returns, every
    /// cache has committed its rows.
    ///
    /// - Parameters:
    ///   - tokens: the rows' tokens, run after run.
    ///   - runs: which rows belong to which cache; together all rows, in order. Each row attends to what its cache
    ///     holds and to the rows before it in its run.
    ///   - images: those that some of the rows are of, and any others: rows at an image's positions begin with its
    ///     vectors, whatever their tokens.
    ///   - logits: the rows to compute logits for.
    /// - Returns: logits, [row asked for, vocabulary], in the workspace: valid until its next pass.
    @discardableResult
    package func forward(
        _ tokens: ArraySlice<TokenID>, runs: [CacheBatch.Run], images: [PlacedImage] = [],
        logits: LogitRows = .last, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        try check(tokens, runs, workspace)
        try check(images, runs)
        workspace.place(runs, images, logits)
        let views = try workspace.views(
            rowCount: tokens.count, logitCount: workspace.logitRows.count, workerCount: pool.workerCount,
            of: self)
        let distant = workspace.distantPositions.isEmpty ? nil : try workspace.distantViews()
        let batch: CacheBatch
        do {
            for run in runs { try run.cache.reserve(run.rows.count) }
            batch = try CacheBatch(runs, workspace: workspace.attention, workerCount: pool.workerCount)
        } catch { throw .cache(error) }
        pool.run(
            ForwardPass(
                decoder: self, views: views, distant: distant, batch: batch, quantized: workspace.quantized,
                tokens: tokens, positions: workspace.positions, turns: workspace.turns,
                vectors: workspace.vectors, distantPositions: workspace.distantPositions,
                logitRows: workspace.logitRows))
        do { try batch.finish() } catch { throw .cache(error) }
        for (index, run) in runs.enumerated() {
            let start = run.cache.tokenCount
            run.cache.commit(run.rows.count)
            for image in images where image.run == index && image.grid.start >= start {
                if image.grid.start < run.cache.tokenCount { run.cache.add(image.grid) }
            }
        }
        return views.logits
    }

    /// Feeds a sequence's next tokens in chunks, whose length never shows in the numbers (law L1).
    ///
    /// - Returns: the logits of the last token, [1, vocabulary], in the workspace: valid until its next pass.
    /// - Throws: as `forward`; tokens of chunks before the one that failed stay in the cache.
    @discardableResult
    package func prefill(
        _ tokens: ArraySlice<TokenID>, into cache: SequenceCache, images: [PlacedImage] = [],
        chunkLength: Int = DecoderWorkspace.defaultRowCount, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        guard let last = tokens.indices.last else { throw .invalidBatch(reason: "there are no tokens") }
        let (end, overflow) = cache.tokenCount.addingReportingOverflow(tokens.count)
        guard !overflow, end <= contextLength else {
            throw .contextFull(contextLength: contextLength, asked: overflow ? .max : end)
        }
        let length = max(min(chunkLength, workspace.maximumRowCount, cache.configuration.chunkLength), 1)
        var start = tokens.startIndex
        while last - start >= length {
            let chunk = tokens[start..<start + length]
            try forward(
                chunk, runs: [CacheBatch.Run(cache: cache, rows: 0..<length)], images: images, logits: .none,
                workspace: workspace, pool: pool)
            start += length
        }
        let rest = tokens[start...]
        return try forward(
            rest, runs: [CacheBatch.Run(cache: cache, rows: 0..<rest.count)], images: images,
            workspace: workspace, pool: pool)
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
            try checkRetention(of: run.cache)
            guard !runs[..<index].contains(where: { $0.cache === run.cache }) else {
                throw .invalidBatch(reason: "run \(index) shares its cache with another")
            }
            let (end, overflow) = run.cache.tokenCount.addingReportingOverflow(run.rows.count)
            guard !overflow, end <= contextLength else {
                throw .contextFull(contextLength: contextLength, asked: overflow ? .max : end)
            }
        }
        guard next == tokens.count, next > 0 else {
            throw .invalidBatch(reason: "the runs have \(next) rows and there are \(tokens.count) tokens")
        }
        let vocabularySize = specification.embedding.vocabularySize
        for (index, token) in tokens.enumerated() {
            guard token >= 0, Int(token) < vocabularySize else {
                throw .tokenOutOfRange(token: token, index: index, vocabularySize: vocabularySize)
            }
        }
    }
}
