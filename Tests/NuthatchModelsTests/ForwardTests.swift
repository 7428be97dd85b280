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

    @Test("Passes without tokens, of too many, or with a cache twice are refused")
    func malformedBatches() throws {
        let bench = try bench()
        let (first, second) = (try bench.cache(), try bench.cache())
        let batches: [[PassEntry]] = [
            [],
            [PassEntry(first, [])],
            [PassEntry(first, [1, 2, 3]), PassEntry(second, [])],
            [PassEntry(first, [1, 2]), PassEntry(first, [3])],
        ]
        for entries in batches {
            #expect(throws: ModelError.self) {
                try bench.decoder.forward(entries, workspace: bench.workspace, pool: bench.workers)
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
        func pass(_ first: LogitRows, _ second: LogitRows) throws -> [[[Float]]] {
            let entries = [
                PassEntry(try bench.cache(), [1, 2], logits: first),
                PassEntry(try bench.cache(), [3, 4, 5], logits: second),
            ]
            return try bench.decoder.forward(entries, workspace: bench.workspace, pool: bench.workers)
                .map { bench.copy(try $0.get()) }
        }
        let all = try pass(.all, .all)
        #expect(all.map(\.count) == [2, 3])
        for (first, second) in [
            (LogitRows.last, LogitRows.last), (.none, .all), (.all, .none), (.none, .last),
        ] {
            func expected(_ rows: LogitRows, _ all: [[Float]]) -> [[UInt32]] {
                bits(Array(all.suffix(rows.count(of: all.count))))
            }
            let rows = try pass(first, second)
            #expect(bits(rows[0]) == expected(first, all[0]) && bits(rows[1]) == expected(second, all[1]))
        }
        #expect(try pass(.none, .none).allSatisfy(\.isEmpty))
    }

    @Test("What is wrong with one entry is its own outcome, and the others have the bits they have alone")
    func faultsStayWithTheirEntry() throws {
        let bench = try bench()
        let tokens: [TokenID] = [1, 2, 3, 4]
        let expected = bits(try bench.logits(tokens, into: try bench.cache()))
        let full = try bench.cache()
        _ = try bench.logits(Array(repeating: 3, count: 20), into: full)
        _ = try bench.logits(Array(repeating: 3, count: 20), into: full)
        _ = try bench.logits(Array(repeating: 3, count: 20), into: full)
        let poor = try SequenceCache(
            try CacheConfiguration(), layers: bench.decoder.layerGeometries, pool: PagePool(byteBudget: 1_000)
        )
        let (good, foreign, other) = (try bench.cache(), try bench.cache(), try bench.cache())
        let outcomes = try bench.decoder.forward(
            [
                PassEntry(full, [1, 2, 3, 4, 5], logits: .all), PassEntry(good, tokens[...], logits: .all),
                PassEntry(poor, [1], logits: .all), PassEntry(foreign, [-1], logits: .all),
                PassEntry(other, tokens[...], logits: .all),
            ], workspace: bench.workspace, pool: bench.workers)
        for index in [1, 4] { #expect(bits(bench.copy(try outcomes[index].get())) == expected) }
        for (index, code) in [(0, NuthatchError.Code.contextFull), (2, .outOfMemory), (3, .usage)] {
            guard case .refused(let error) = outcomes[index] else {
                Issue.record("entry \(index): \(outcomes[index])")
                continue
            }
            #expect(error.code == code, "entry \(index)")
        }
        #expect(full.tokenCount == 60 && poor.tokenCount == 0 && foreign.tokenCount == 0)
        #expect(good.content.tokens == tokens && other.content.tokens == tokens)
    }
}
