import NuthatchModels
package import NuthatchTensors

extension LanguageModel {
    /// Computes a token sequence and hands out the logits of every position, in order.
    ///
    /// - Parameter body: called with each position and its row, [vocabulary], valid during the call.
    package func logits(
        of tokens: [TokenID], cache: CacheOptions = .default,
        body: @escaping @Sendable (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) async throws {
        try await LogitsRun(model: self).run(tokens, cache: cache, body: body)
    }
}

/// The pass over the sequence, on the engine thread.
private actor LogitsRun {
    let model: LanguageModel
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }

    init(model: LanguageModel) { self.model = model }

    func run(
        _ tokens: [TokenID], cache: CacheOptions,
        body: @escaping (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) async throws {
        _ = try model.requireDecoder(for: "Writing logits")
        let sequence = try CachedSequence(model: model, cache: cache)
        try await sequence.compute(tokens[...], logits: .all) { rows, positions in
            for (row, position) in positions.enumerated() {
                try body(position, UnsafeBufferPointer(start: rows[row], count: rows.columnCount))
            }
        }
    }
}
