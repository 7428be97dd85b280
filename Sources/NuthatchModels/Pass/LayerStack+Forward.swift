import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// One pass over the next tokens of some sequences, as `Decoder.forward`.
    ///
    /// - Parameters:
    ///   - sourceLayers: what looks at the sources, layer by layer; empty for decoders without.
    ///   - admits: what else an entry must be, asked before anything of it changes.
    func forward(
        _ entries: [PassEntry], sourceLayers: [SourceLayer] = [], probe: PassProbe? = nil,
        workspace: DecoderWorkspace, pool: WorkerPool, admits: (PassEntry) throws(ModelError) -> Void
    ) throws(ModelError) -> [PassOutcome] {
        try check(entries, workspace, probe)
        let rows = workspace.rows
        rows.begin()
        defer { rows.end() }
        for entry in entries {
            // Whatever can fail, fails before the pass, and for its entry alone.
            do throws(ModelError) {
                try check(entry)
                try admits(entry)
                if let probe { try check(probe, entry) }
                do { try entry.cache.reserve(entry.tokens.count) } catch { throw .cache(error) }
                rows.admit(entry)
            } catch { rows.refuse(error) }
        }
        if rows.entries.isEmpty { return rows.outcomes }
        do throws(ModelError) {
            try run(sourceLayers, probe: probe, workspace: workspace, pool: pool)
        } catch {
            // Rows, logits or scratch could not be had: nobody's tokens were computed.
            rows.refuseAdmitted(error)
        }
        return rows.outcomes
    }

    /// The pass over the entries that were admitted; ends those whose pages could not be read.
    private func run(
        _ sourceLayers: [SourceLayer], probe: PassProbe?, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) {
        let rows = workspace.rows
        let views = workspace.shapedViews(workerCount: pool.workerCount, of: self)
        let logits = try workspace.logitRows()
        let distant = rows.distantPositions.isEmpty ? nil : try workspace.distantViews()
        let batch: CacheBatch
        var source: SourceAttention?
        do {
            batch = try CacheBatch(
                rows.entries, workspace: workspace.attention, workerCount: pool.workerCount)
            if !sourceLayers.isEmpty {
                source = SourceAttention(
                    layers: sourceLayers,
                    batch: try CrossBatch(
                        rows.sourceEntries, workspace: workspace.attention,
                        workerCount: pool.workerCount))
            }
        } catch { throw .cache(error) }
        pool.run(
            ForwardPass(
                stack: self, views: views, logits: logits, distant: distant, batch: batch, source: source,
                quantized: workspace.quantized, rows: rows, probe: probe))
        let sourceFailures = source?.batch.finish() ?? []
        rows.commit(logits) { index throws(CacheError) in
            try batch.finish(index)
            if !sourceFailures.isEmpty, let failure = sourceFailures[index] { throw failure }
            if let probe { try complete(probe, batch.entries[index].cache, logits) }
        }
    }

    /// What no entry alone is to blame for.
    private func check(
        _ entries: [PassEntry], _ workspace: DecoderWorkspace, _ probe: PassProbe?
    ) throws(ModelError) {
        guard workspace.specification == specification else {
            throw .invalidBatch(reason: "the workspace was made for another model")
        }
        var rowCount = 0
        for (index, entry) in entries.enumerated() {
            guard !entry.tokens.isEmpty else { throw .invalidBatch(reason: "entry \(index) has no tokens") }
            guard !entries[..<index].contains(where: { $0.cache === entry.cache }) else {
                throw .invalidBatch(reason: "entry \(index) shares its cache with another")
            }
            rowCount += entry.tokens.count
        }
        guard rowCount > 0 else { throw .invalidBatch(reason: "there are no entries") }
        guard rowCount <= workspace.maximumRowCount else {
            throw .invalidBatch(
                reason:
                    "there are \(Counted.text(rowCount, "row")) and the workspace has room for \(workspace.maximumRowCount)"
            )
        }
        guard probe == nil || entries.count == 1 else {
            throw .invalidBatch(reason: "a probe looks on at more than one entry")
        }
    }

    private func check(_ entry: PassEntry) throws(ModelError) {
        guard entry.cache.layers == layerGeometries else { throw .layersDiffer }
        try context.check(entry.tokens.count, behind: entry.cache.tokenCount, in: entry.cache.plan)
        try check(entry.tokens)
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
