import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Synchronization
import Testing

/// Tokens that are more than one pass takes.
@Suite struct ChunkedComputingTests {
    private let tokens = (0..<600).map { TokenID($0 * 7 % 256) }

    private func sequence(
        maxPositions: Int = 700, _ cache: CacheOptions = .default
    ) async throws -> CachedSequence {
        try CachedSequence(
            model: try await TinyModel.llama(maxPositions: maxPositions).load(), cache: cache)
    }

    private func bits(_ rows: Rows, _ row: Int) -> [UInt32] {
        UnsafeBufferPointer(start: rows[row], count: rows.columnCount).map(\.bitPattern)
    }

    private nonisolated(nonsending) func error(
        _ body: nonisolated(nonsending) () async throws -> Void
    ) async -> ModelError? {
        do {
            try await body()
            return nil
        } catch { return error as? ModelError }
    }

    @Test("Only the last chunk has logits, and only its last token, where no more are wanted")
    func last() async throws {
        let sequence = try await sequence()
        var seen: [(Range<Int>, Int)] = []
        var logits: [UInt32] = []
        try await sequence.compute(tokens[...]) { rows, positions in
            seen.append((positions, rows.rowCount))
            logits = bits(rows, 0)
        }
        #expect(seen.count == 1 && seen[0] == (599..<600, 1))
        #expect(sequence.tokens == tokens)

        let other = try await self.sequence()
        try await other.compute(tokens[..<599], logits: .none) { _, _ in Issue.record("logits of nothing") }
        #expect(try bits(other.forward(tokens[599...]), 0) == logits)
    }

    @Test(
        "Logits of all come in few rows at a time, each once and in order",
        arguments: [CacheOptions.default, .halfFloats])
    func all(cache: CacheOptions) async throws {
        let sequence = try await sequence(cache)
        var positions: [Int] = []
        var logits: [UInt32] = []
        try await sequence.compute(tokens[...], logits: .all) { rows, chunk in
            #expect(rows.rowCount == chunk.count && chunk.count <= 64)
            positions += chunk
            logits = bits(rows, chunk.count - 1)
        }
        #expect(positions == Array(0..<600))
        let other = try await self.sequence(cache)
        try await other.compute(tokens[...]) { rows, _ in #expect(bits(rows, 0) == logits) }
    }

    @Test("More tokens than there is room for are refused before the first of them")
    func tooMany() async throws {
        let short = try await sequence(maxPositions: 599)
        let context = try #require(await error { try await short.compute(tokens[...]) })
        #expect(context.code == .contextFull)
        #expect(context.message == "The sequence would reach 600 tokens; the context length is 599.")
        #expect(short.tokens.isEmpty && short.cache.tokenCount == 0)
        let small = try await sequence(CacheOptions(growth: .reserved(tokenCount: 599)))
        let capacity = try #require(await error { try await small.compute(tokens[...]) })
        #expect(capacity.code == .contextFull)
        #expect(capacity.message == "The cache has room for 599 tokens; 600 are needed.")
        #expect(small.tokens.isEmpty && small.cache.tokenCount == 0)
    }

    @Test("A cancellation is seen before the next chunk, and what was computed stays")
    func cancellation() async throws {
        let model = try await TinyModel.llama(maxPositions: 700).load()
        let running = Mutex<Task<Int, any Error>?>(nil)
        let task = Task { [tokens] in
            while running.withLock({ $0 == nil }) { await Task.yield() }
            let sequence = try CachedSequence(model: model, cache: .default)
            await #expect(throws: CancellationError.self) {
                try await sequence.compute(tokens[...], logits: .all) { _, _ in
                    running.withLock { $0?.cancel() }
                }
            }
            return sequence.tokens.count
        }
        running.withLock { $0 = task }
        let count = try await task.value
        #expect(count == 64)
    }

    @Test("A prompt that a reserved cache has no room for is refused with both numbers, and nothing computed")
    func promptBeyondTheReservation() async throws {
        let model = try await TinyModel.llama(maxPositions: 256).load()
        let session = try Session(model, cache: CacheOptions(growth: .reserved(tokenCount: 32)))
        let error = try await #require(throws: NuthatchError.self) {
            _ = try await session.complete(String(repeating: "a", count: 35))
        }
        #expect(error.code == .contextFull)
        #expect(error.message == "The prompt has 35 tokens; the cache has room for 32.")
        #expect(
            error.remedy == "Shorten the prompt by at least 3 tokens, or reserve more (--kv-capacity).")
        #expect(await session.cachedTokenCount == 0)
        let answer = try await session.complete(
            String(repeating: "a", count: 32), options: GenerationOptions(ignoresEndOfTurn: true))
        #expect(answer.finishReason == .contextFull && answer.tokens.count == 1)
    }
}
