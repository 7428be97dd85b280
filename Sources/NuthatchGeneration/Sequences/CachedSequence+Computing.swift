import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

extension CachedSequence {
    /// The most rows of a pass that gives logits of all its rows: those have to fit in memory, several times where they are
    /// compared, and a vocabulary of 256k takes 1 MB a row.
    static let mostLogitRows = 64

    /// Computes tokens behind what is cached, in the engine's steps.
    ///
    /// Others' tokens are computed in the same passes. What was computed by the time of a cancellation stays in the cache.
    ///
    /// - Parameters:
    ///   - next: any number of tokens.
    ///   - images: those that some of these tokens are of, and any others.
    ///   - wanted: the tokens to compute logits for; passes over others compute none.
    ///   - use: called behind each pass that gave some, with them, [token, vocabulary], valid during the call, and the positions
    ///     of their tokens. On the engine thread; computes nothing itself.
    /// - Throws: `ModelError` for more tokens than the sequence may have, before the first of them is computed, or for what a
    ///   pass refuses; `CancellationError`; what `use` throws.
    package nonisolated(nonsending) func compute(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = [], logits wanted: LogitRows = .last,
        use: @escaping (_ logits: Rows, _ positions: Range<Int>) throws -> Void = { _, _ in }
    ) async throws {
        try limit.check(next.count, behind: tokens.count)
        if next.isEmpty { return }
        // Few rows at a time where all have logits.
        var rest = next
        func take() -> ArraySlice<TokenID> {
            defer { rest = wanted == .all ? rest.dropFirst(Self.mostLogitRows) : [] }
            return wanted == .all ? rest.prefix(Self.mostLogitRows) : rest
        }
        let first = take()
        try await engine.loop.run(
            EngineJob(self, first, images: images, allImages: { images }, wants: wanted) {
                logits, positions in
                try use(logits, positions)
                return take()
            })
    }

    /// Goes on token by token behind what is cached, in the engine's steps.
    ///
    /// - Parameters:
    ///   - opening: what is computed first.
    ///   - images: those that some of these tokens are of, and any others.
    ///   - allImages: gives all of the sequence's images, where it had to give way to others and is computed again.
    ///   - choose: called with the logits behind the tokens so far, [1, vocabulary], valid during the call; gives the next token,
    ///     or nil at the end.
    /// - Throws: as `compute`; what `choose` throws.
    package nonisolated(nonsending) func generate(
        behind opening: ArraySlice<TokenID>, images: [PlacedImage] = [],
        allImages: @escaping () throws -> [PlacedImage] = { [] },
        choose: @escaping (_ logits: Rows) throws -> TokenID?
    ) async throws {
        try limit.check(opening.count, behind: tokens.count)
        try await engine.loop.run(
            EngineJob(self, opening, images: images, allImages: allImages, wants: .last) { logits, _ in
                try choose(logits).map { [$0] } ?? []
            })
    }
}
