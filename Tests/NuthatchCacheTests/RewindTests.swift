import NuthatchCache
import Testing

/// Law L3: rewinding is a typed contract.
@Suite struct RewindTests {
    @Test func fullHistoryGoesBackAnywhere() throws {
        let cache = try cache([.full], tokenCount: 500)
        #expect(cache.truncate(to: 500) == .exact)
        #expect(cache.truncate(to: 131) == .exact)
        #expect(cache.tokenCount == 131)
        #expect(cache.report[0].pageCount == 3)
        #expect(cache.truncate(to: 0) == .exact)
        #expect(cache.byteCount == 0)
    }

    @Test func aWindowGoesBackAsFarAsItsPagesReach() throws {
        // After 500 tokens the next query sees from 401 on; pages of 64 keep from 384 on. A query at n sees
        // from n - 99 on, so 483 is the furthest back.
        let cache = try cache([.full, .window(length: 100)], tokenCount: 500)
        #expect(try cache.fork().truncate(to: 483) == .exact)
        #expect(cache.truncate(to: 482) == .recompute(from: 0))
        #expect(cache.tokenCount == 0)
        #expect(cache.byteCount == 0)
    }

    @Test func aWindowThatDroppedNothingYetGoesBackAnywhere() throws {
        let cache = try cache([.window(length: 100)], tokenCount: 162)
        #expect(try cache.fork().truncate(to: 0) == .exact)
        #expect(cache.truncate(to: 70) == .exact)
        #expect(cache.tokenCount == 70)
    }

    @Test func aWindowOfOneGoesBackAnywhere() throws {
        let cache = try cache([.window(length: 1)], tokenCount: 500)
        #expect(cache.truncate(to: 70) == .exact)
        #expect(try cache.read(layer: 0).positions == [])
        try cache.reserve(1)
        cache.commit(1)
        #expect(try cache.read(layer: 0).positions == [70])
    }

    @Test(arguments: [1, 10, 64, 100])
    func aGuaranteedRewindIsExact(rewind: Int) throws {
        let configuration = try CacheConfiguration(pageLength: 16, guaranteedRewind: rewind)
        for tokenCount in 200..<240 {
            let cache = try cache([.window(length: 20)], configuration, tokenCount: tokenCount)
            #expect(cache.truncate(to: tokenCount - rewind) == .exact)
        }
    }

    @Test func goingBackNowhereIsExactWhateverWasDropped() throws {
        let cache = try cache([.window(length: 5)], tokenCount: 500)
        #expect(cache.truncate(to: 500) == .exact)
        #expect(cache.tokenCount == 500)
    }

    @Test func pagesAreFreedOnceTheyAreOutsideEveryLaterWindow() throws {
        let cache = try cache([.window(length: 64)], tokenCount: 126)
        #expect(cache.report[0].pageCount == 2, "position 63 is in the window of 126")
        try cache.reserve(1)
        #expect(cache.report[0].pageCount == 2)
        cache.commit(1)
        #expect(cache.report[0].pageCount == 1, "the window of 127 begins at 64")
        #expect(cache.report[0].tokensSeen == 127)
        #expect(cache.report[0].tokensKept == 63)
    }

    @Test func aRewoundForkLeavesItsOriginAsItWas() throws {
        let shape = Shape()
        let driver = Driver(shape)
        let origin = try SequenceCache(CacheConfiguration(), layers: shape.layers, pool: PagePool())
        _ = try driver.feed(Token.sequence(200), to: origin, chunk: 200)
        let before = try origin.read(layer: 0)
        let fork = try origin.fork()
        // Into a full, shared page; then over it.
        #expect(fork.truncate(to: 70) == .exact)
        _ = try driver.feed(Token.sequence(130, seed: 8), to: fork, chunk: 13)
        #expect(try origin.read(layer: 0) == before)
        #expect(try fork.read(layer: 0) != before)
        #expect(try fork.read(layer: 0).keys.prefix(70 * 16) == before.keys.prefix(70 * 16))
    }

    @Test func windowLayersReservedUpFrontTakeWindowAndChunkOnly() throws {
        let configuration = try CacheConfiguration(growth: .reserved(tokenCount: 10_000), chunkLength: 128)
        let cache = try cache([.window(length: 100), .full], configuration, tokenCount: 128)
        #expect(cache.report[0].pageCount + cache.report[0].sparePageCount == (99 + 128 + 62) / 64 + 1)
        #expect(throws: CacheError.chunkTooLong(limit: 128, asked: 129)) { try cache.reserve(129) }
        let bytes = cache.byteCount
        while cache.tokenCount < 9_900 {
            try cache.reserve(100)
            cache.commit(100)
        }
        #expect(cache.byteCount == bytes)
    }

    private func cache(
        _ retentions: [Retention], _ configuration: CacheConfiguration? = nil, tokenCount: Int
    ) throws -> SequenceCache {
        let layers = Shape(retentions: retentions).layers
        let cache = try SequenceCache(configuration ?? CacheConfiguration(), layers: layers, pool: PagePool())
        try cache.reserve(tokenCount)
        cache.commit(tokenCount)
        return cache
    }
}
