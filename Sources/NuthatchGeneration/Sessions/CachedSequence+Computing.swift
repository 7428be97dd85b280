import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

extension CachedSequence {
    /// The most rows of a pass that gives logits of all its rows: those have to fit in memory, several times where they are
    /// compared, and a vocabulary of 256k takes 1 MB a row.
    private static let mostLogitRows = 64

    /// Tokens that are computed at a time. No number depends on it (law L1).
    private func chunkLength(_ logits: LogitRows) -> Int {
        let most = min(maximumRowCount, cache.configuration.chunkLength)
        return switch logits {
        case .none, .last: most
        case .all: min(most, Self.mostLogitRows)
        }
    }

    /// Computes tokens behind what is cached, chunk by chunk.
    ///
    /// Before each chunk others that share the thread have their turn, and a cancellation is seen. What was computed by then
    /// stays in the cache.
    ///
    /// - Parameters:
    ///   - next: any number of tokens.
    ///   - images: those that some of these tokens are of, and any others.
    ///   - wanted: the tokens to compute logits for; chunks that have none of them compute none.
    ///   - use: called behind each chunk that has some, with them, [token, vocabulary], valid during the call, and the
    ///     positions of the chunk's tokens.
    /// - Throws: `ModelError` for more tokens than the sequence may have, before the first of them is computed, or for what a
    ///   pass refuses; `CancellationError`; what `use` throws.
    package nonisolated(nonsending) func compute(
        _ next: ArraySlice<TokenID>, images: [PlacedImage] = [], logits wanted: LogitRows = .last,
        use: (_ logits: Rows, _ positions: Range<Int>) throws -> Void = { _, _ in }
    ) async throws {
        try limit.check(next.count, behind: tokens.count)
        let length = chunkLength(wanted)
        var rest = next
        while !rest.isEmpty {
            await Task.yield()
            try Task.checkCancellation()
            let chunk = rest.prefix(length)
            rest = rest.dropFirst(length)
            let start = tokens.count
            switch wanted {
            case .last where rest.isEmpty, .all:
                try use(
                    try forward(chunk, images: images, logits: wanted), start..<start + chunk.count)
            case .none, .last:
                try forward(chunk, images: images, logits: .none)
            }
        }
    }
}
