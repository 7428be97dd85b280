package import NuthatchCache
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
    /// - Returns: how many of the tokens were found, computed by others who share them.
    /// - Throws: `ModelError` for more tokens than the sequence may have, before the first of them is computed, or for what a
    ///   pass refuses; `CancellationError`; what `use` throws.
    @discardableResult
    package nonisolated(nonsending) func compute(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = [], logits wanted: LogitRows = .last,
        use: @escaping (_ logits: Rows, _ positions: Range<Int>) throws -> Void = { _, _ in }
    ) async throws -> Int {
        let before = tokens.count
        try limit.check(next.count, behind: before)
        if next.isEmpty { return 0 }
        // Few rows at a time where all have logits.
        var rest = next
        func take() -> ArraySlice<TokenID> {
            defer { rest = wanted == .all ? rest.dropFirst(Self.mostLogitRows) : [] }
            return wanted == .all ? rest.prefix(Self.mostLogitRows) : rest
        }
        let first = take()
        var cachedTokenCount: Int?
        func place(_ tokenCount: Int) -> [PlacedImage] {
            cachedTokenCount = cachedTokenCount ?? tokenCount
            return images
        }
        try await engine.loop.run(
            EngineJob(self, first, grids: images.map(\.grid), place: place, wants: wanted) {
                logits, positions, tokens in
                try use(logits, positions)
                tokens += take()
            })
        return max(0, (cachedTokenCount ?? before) - before)
    }

    /// Goes on token by token behind what is cached, in the engine's steps.
    ///
    /// - Parameters:
    ///   - opening: what is computed first.
    ///   - grids: the images that some of these tokens are of, and any others.
    ///   - usesPrefixes: whether what others computed is taken.
    ///   - place: told how many tokens are cached before the first of the others is computed, and again where the sequence had to
    ///     give way; gives the images of those others.
    ///   - choose: called with the logits behind the tokens so far, [1, vocabulary], valid during the call; gives the next token,
    ///     or nil at the end.
    /// - Throws: as `compute`; what `choose` throws.
    package nonisolated(nonsending) func generate(
        behind opening: ArraySlice<TokenID>, grids: [TokenGrid] = [], usesPrefixes: Bool = true,
        place: @escaping (_ tokenCount: Int) throws -> [PlacedImage] = { _ in [] },
        choose: @escaping (_ logits: Rows) throws -> TokenID?
    ) async throws {
        try limit.check(opening.count, behind: tokens.count)
        try await engine.loop.run(
            EngineJob(self, opening, grids: grids, usesPrefixes: usesPrefixes, place: place, wants: .last) {
                logits, _, tokens in
                if let next = try choose(logits) { tokens.append(next) }
            })
    }

    /// Has what was given up while nobody computed it: what is left of it in the prefix store, the rest computed.
    nonisolated(nonsending) func recall(
        place: @escaping (_ tokenCount: Int) throws -> [PlacedImage]
    ) async throws {
        // Others may need the memory before it is this one's turn to go on.
        while isEmptied {
            try await engine.loop.run(EngineJob(self, [], place: place, wants: .none) { _, _, _ in })
        }
    }
}
