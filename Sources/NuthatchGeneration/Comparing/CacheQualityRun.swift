import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// What caches cost in quality on one text: all of them side by side with one of floats, a chunk at a time, so that the
/// reference is computed once. Lives on the engine thread of its model.
actor CacheQualityRun {
    /// What one cache came to.
    struct Outcome: Sendable {
        var sums = LogitSums()
        var highestDivergence = 0.0
        var bitsPerValue = 0.0
        var firstDifference: Int?
    }

    private let model: LanguageModel
    private let options: [CacheOptions]
    nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }
    private var kept: KeptRows?

    /// - Parameter model: with float weights, where quality is to be the cache's alone.
    init(_ model: LanguageModel, _ options: [CacheOptions]) {
        self.model = model
        self.options = options
    }

    /// - Parameters:
    ///   - tokens: the text's, one or more.
    ///   - generatedTokenCount: tokens to go on by behind it, the most probable each time.
    ///   - progress: called with how many sequences' tokens were computed since the last call.
    /// - Throws: `NuthatchError` (badData) where a logit is not a number.
    func measure(
        _ tokens: [TokenID], generatedTokenCount: Int, progress: @Sendable (Int) -> Void
    ) async throws -> [Outcome] {
        let reference = try CachedSequence(
            model: model, cache: CacheOptions(keys: .f32, values: .f32))
        var sequences: [CachedSequence] = []
        for options in options { sequences.append(try CachedSequence(model: model, cache: options)) }
        var outcomes = options.map { _ in Outcome() }
        for start in stride(from: 0, to: tokens.count, by: CachedSequence.mostLogitRows) {
            let chunk = start..<min(tokens.count, start + CachedSequence.mostLogitRows)
            let next = chunk.map { $0 + 1 < tokens.count ? tokens[$0 + 1] : nil }
            let expected = try await logits(of: tokens[chunk], in: reference)
            progress(chunk.count)
            for (index, sequence) in sequences.enumerated() {
                let found = try await logits(of: tokens[chunk], in: sequence)
                for row in try compare(found.rows, with: expected.rows, next, from: start) {
                    outcomes[index].sums.add(row)
                    outcomes[index].highestDivergence = max(
                        outcomes[index].highestDivergence, row.divergence)
                }
                progress(chunk.count)
            }
        }
        for (index, sequence) in sequences.enumerated() {
            outcomes[index].bitsPerValue = CacheReport(sequence, options: options[index]).bitsPerValue
        }
        guard generatedTokenCount > 0 else { return outcomes }
        let expected = try await generate(generatedTokenCount, behind: tokens, reference)
        progress(generatedTokenCount)
        for (index, sequence) in sequences.enumerated() {
            let found = try await generate(generatedTokenCount, behind: tokens, sequence)
            outcomes[index].firstDifference = expected.indices.first { found[$0] != expected[$0] }
            progress(generatedTokenCount)
        }
        return outcomes
    }

    private func logits(of tokens: ArraySlice<TokenID>, in sequence: CachedSequence) async throws -> KeptRows
    {
        try await sequence.compute(tokens, logits: .all) { rows, _ in self.kept = try KeptRows(rows) }
        guard let kept else { throw CancellationError() }
        return kept
    }

    private func compare(
        _ logits: Rows, with reference: Rows, _ next: [TokenID?], from position: Int
    ) throws(NuthatchError) -> [LogitComparison.Row] {
        let comparison = LogitComparison(logits: logits, reference: reference, next: next)
        model.workers.run(comparison)
        let rows = comparison.results
        for (index, row) in rows.enumerated() where !row.divergence.isFinite {
            throw NuthatchError(
                code: .badData,
                message: "The model's numbers behind position \(position + index) are not all numbers.",
                remedy: "Check that its file is whole, or hold keys and values in f32.")
        }
        return rows
    }

    /// The most probable tokens behind a text whose last token has to be computed once more for its logits.
    private func generate(
        _ count: Int, behind tokens: [TokenID], _ sequence: CachedSequence
    ) async throws -> [TokenID] {
        var rest = tokens[...]
        let cached = sequence.truncate(to: tokens.count - 1)
        rest = tokens[cached...]
        generated = []
        try await sequence.generate(behind: rest) { logits in
            self.generated.append(GreedyToken.top(logits))
            return self.generated.count < count ? self.generated.last : nil
        }
        return generated
    }

    private var generated: [TokenID] = []
}
