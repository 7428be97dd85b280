import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct ForwardTests {
    private func bench() throws -> Bench {
        let directory = try TinyLlama().write()
        return try Bench(
            try Decoder.load(try Checkpoint.open(directory.path), precision: .f32), maximumRowCount: 32)
    }

    @Test(
        "A token outside the vocabulary is refused with its index",
        arguments: [-1, 16, TokenID.max, TokenID.min])
    func tokenOutsideTheVocabulary(token: TokenID) throws {
        let bench = try bench()
        let cache = try bench.cache()
        let error = try #require(throws: ModelError.self) {
            _ = try bench.logits([1, 2, token], into: cache)
        }
        #expect(error.code == .usage)
        #expect(error.message.contains("Token \(token) at index 2"))
        #expect(cache.tokenCount == 0)
        #expect(bench.pages.usage.live == 0)
    }

    @Test("At the context's end a pass is refused and the cache stays as it was")
    func contextsEnd() throws {
        let bench = try bench()
        let cache = try bench.cache()
        let tokens = Array(repeating: TokenID(3), count: 62)
        _ = try bench.logits(tokens, into: cache, chunkLength: 31)
        let live = bench.pages.usage.live
        let error = try #require(throws: ModelError.self) { _ = try bench.logits([1, 2, 3], into: cache) }
        #expect(error.code == .contextFull)
        #expect(error.message.contains("65 tokens"))
        #expect(cache.tokenCount == 62)
        #expect(bench.pages.usage.live == live)
        #expect(throws: Never.self) { try bench.logits([1, 2], into: cache) }
        #expect(cache.tokenCount == 64)
    }

    @Test("Batches that do not cover their rows, or share a cache, are refused")
    func malformedBatches() throws {
        let bench = try bench()
        let (first, second) = (try bench.cache(), try bench.cache())
        let tokens: [TokenID] = [1, 2, 3]
        let batches: [[CacheBatch.Run]] = [
            [],
            [CacheBatch.Run(cache: first, rows: 0..<2)],
            [CacheBatch.Run(cache: first, rows: 0..<4)],
            [CacheBatch.Run(cache: first, rows: 1..<3)],
            [CacheBatch.Run(cache: first, rows: 0..<3), CacheBatch.Run(cache: second, rows: 3..<3)],
            [CacheBatch.Run(cache: first, rows: 0..<2), CacheBatch.Run(cache: first, rows: 2..<3)],
        ]
        for runs in batches {
            #expect(throws: ModelError.self) {
                try bench.decoder.forward(
                    tokens[...], runs: runs, workspace: bench.workspace, pool: bench.workers)
            }
        }
        #expect(throws: ModelError.self) { _ = try bench.logits(Array(repeating: 1, count: 33), into: first) }
        #expect(first.tokenCount == 0)
    }

    @Test("A cache made for other layers is refused")
    func foreignCache() throws {
        let bench = try bench()
        let other = try SequenceCache(
            try CacheConfiguration(), layers: bench.decoder.layerGeometries + bench.decoder.layerGeometries,
            pool: bench.pages)
        let error = try #require(throws: ModelError.self) { _ = try bench.logits([1], into: other) }
        guard case .layersDiffer = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("Last, all and no logits are asked for by name")
    func logitRows() throws {
        let bench = try bench()
        let tokens: [TokenID] = [1, 2, 3, 4, 5]
        func pass(_ logits: LogitRows) throws -> [[Float]] {
            let runs = [
                CacheBatch.Run(cache: try bench.cache(), rows: 0..<2),
                CacheBatch.Run(cache: try bench.cache(), rows: 2..<5),
            ]
            let rows = try bench.decoder.forward(
                tokens[...], runs: runs, logits: logits, workspace: bench.workspace, pool: bench.workers)
            return (0..<rows.rowCount).map {
                Array(UnsafeBufferPointer(start: rows[$0], count: rows.columnCount))
            }
        }
        let all = try pass(.all)
        #expect(all.count == 5)
        #expect(bits(try pass(.last)) == bits([all[1], all[4]]))
        #expect(try pass(.none).isEmpty)
    }
}
