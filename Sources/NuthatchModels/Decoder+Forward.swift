import NuthatchCache
package import NuthatchTensors

extension Decoder {
    /// One pass over the next tokens of some sequences, prompts and single tokens in any mixture.
    ///
    /// Whatever can fail for an entry fails before the pass and for that entry alone: its cache is as it was, and the
    /// others are computed as if it had not been there. Of entries that were computed the caches hold their tokens when
    /// this returns. The bits of an entry's logits never depend on the others (law L1).
    ///
    /// - Parameters:
    ///   - entries: each cache once, each with a token or more; together at most as many as the workspace has rows.
    ///   - probe: looks on where there is one entry.
    /// - Returns: what became of each entry, in their order.
    /// - Throws: `ModelError.invalidBatch` for entries that make no pass; then no cache has changed.
    @discardableResult
    package func forward(
        _ entries: [PassEntry], probe: PassProbe? = nil, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> [PassOutcome] {
        try stack.forward(entries, probe: probe, workspace: workspace, pool: pool) {
            entry throws(ModelError) in
            try checkRetention(of: entry.cache)
            try check(entry.images, of: entry)
        }
    }

    /// One pass over the next tokens of one sequence.
    ///
    /// - Returns: the logits asked for, [row, vocabulary], in the workspace: valid until its next pass.
    /// - Throws: what kept the tokens from being computed; the cache is as it was.
    @discardableResult
    package func forward(
        _ entry: PassEntry, probe: PassProbe? = nil, workspace: DecoderWorkspace, pool: WorkerPool
    ) throws(ModelError) -> Rows {
        let outcomes = try forward([entry], probe: probe, workspace: workspace, pool: pool)
        return try outcomes[0].get()
    }
}
