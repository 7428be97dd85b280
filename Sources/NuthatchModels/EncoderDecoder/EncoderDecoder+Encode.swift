package import NuthatchCache
package import NuthatchTensors

extension EncoderDecoder {
    /// What is to be read, and whose cache is to hold it.
    package struct Source {
        package let tokens: [TokenID]
        package let cache: EncoderDecoderCache

        package init(tokens: [TokenID], cache: EncoderDecoderCache) {
            self.tokens = tokens
            self.cache = cache
        }
    }

    /// Reads sources of any lengths into their caches, each in place of the one that was there and of what was
    /// answered to it. What a cache then holds depends on its own source alone (law L1).
    ///
    /// - Parameter states: called with each source's index and states, [token, hiddenSize], valid during the call.
    /// - Throws: for tokens, lengths or caches that don't fit before any cache has changed; where memory runs out later,
    ///   caches whose sources were not finished have none.
    package func encode(
        _ sources: [Source], workspace: EncoderDecoderWorkspace, pool: WorkerPool,
        states: (_ index: Int, _ rows: Rows) -> Void = { _, _ in }
    ) throws(ModelError) {
        try check(sources, workspace)
        var start = 0
        while start < sources.count {
            // A source is never cut: its first token sees its last.
            var end = start + 1
            var rowCount = sources[start].tokens.count
            while end < sources.count,
                rowCount + sources[end].tokens.count <= workspace.encoder.maximumRowCount
            {
                rowCount += sources[end].tokens.count
                end += 1
            }
            try encodeTogether(sources[start..<end], rowCount: rowCount, workspace, pool, states)
            start = end
        }
    }

    /// In one pass.
    private func encodeTogether(
        _ sources: ArraySlice<Source>, rowCount: Int, _ workspace: EncoderDecoderWorkspace,
        _ pool: WorkerPool, _ report: (Int, Rows) -> Void
    ) throws(ModelError) {
        var end = 0
        let rows = sources.map { source in
            defer { end += source.tokens.count }
            return end..<end + source.tokens.count
        }
        let encoderWorkspace = try workspace.encoder(rowCount: rowCount)
        let attention = encoderWorkspace.attention
        let batch: CacheBatch
        let target: SourceBatch
        do {
            for source in sources { try source.cache.beginSource(source.tokens) }
            target = try SourceBatch(
                zip(sources, rows).map { SourceBatch.Entry(cache: $0.cache, rows: $1) }, workspace: attention,
                workerCount: pool.workerCount)
            batch = try CacheBatch(
                try workspace.sources.entries(rows), visibility: .whole, workspace: attention,
                workerCount: pool.workerCount)
        } catch { throw .cache(error) }
        let passRows = encoderWorkspace.rows
        passRows.begin()
        defer { passRows.end() }
        for (entry, source) in zip(batch.entries, sources) {
            passRows.admit(PassEntry(entry.cache, source.tokens[...], logits: .none))
        }
        let views = encoderWorkspace.shapedViews(workerCount: pool.workerCount, of: encoder)
        pool.run(
            ForwardPass(
                stack: encoder, views: views, logits: views.branch.rows(0..<0), distant: nil, batch: batch,
                source: nil, quantized: encoderWorkspace.quantized, rows: passRows, probe: nil))
        let states = views.normed.rows
        for (index, rows) in zip(sources.indices, rows) { report(index, states.rows(rows)) }
        pool.run(
            SourcePass(
                layers: sourceLayers, operations: operations, states: states,
                keyValue: views.queryKeyValue.columns(0..<2 * specification.decoder.attention.heads.kvWidth),
                batch: target, quantized: encoderWorkspace.quantized))
        do {
            try target.commit()
            for source in sources { try source.cache.endSource() }
        } catch { throw .cache(error) }
    }

    private func check(_ sources: [Source], _ workspace: EncoderDecoderWorkspace) throws(ModelError) {
        try check(workspace)
        for (index, source) in sources.enumerated() {
            try check(source.cache)
            guard !sources[..<index].contains(where: { $0.cache === source.cache }) else {
                throw .invalidBatch(reason: "source \(index) shares its cache with another")
            }
            guard !source.tokens.isEmpty else { throw .cache(.emptySource) }
            guard source.tokens.count <= specification.encoder.contextLength else {
                throw .contextFull(
                    contextLength: specification.encoder.contextLength, asked: source.tokens.count)
            }
            try encoder.check(source.tokens[...])
        }
    }
}
