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
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.asUnownedSerialExecutor() }

    /// Rows at a time: their logits must fit in memory, and a vocabulary of 256k takes 1 MB a row.
    private let chunkLength = 64

    init(model: LanguageModel) { self.model = model }

    func run(
        _ tokens: [TokenID], cache: CacheOptions, body: (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        _ = try model.requireDecoder(for: "Writing logits")
        let sequence = try CachedSequence(model: model, cache: cache)
        for start in stride(from: 0, to: tokens.count, by: chunkLength) {
            let rows = try sequence.appendAll(tokens[start..<min(tokens.count, start + chunkLength)])
            for row in 0..<rows.rowCount {
                try body(start + row, UnsafeBufferPointer(start: rows[row], count: rows.columnCount))
            }
        }
    }
}
