import NuthatchCache
import Testing

/// Law L2: the planner is the allocator.
@Suite struct CachePlanTests {
    static let smolLM2 = [LayerGeometry](
        repeating: LayerGeometry(kvHeadCount: 3, keyDimension: 64, valueDimension: 64, retention: .full),
        count: 30)

    @Test(arguments: Storage.exactCases, Storage.exactCases)
    func plannedBytesAreAllocatedBytes(keys: Storage, values: Storage) throws {
        for pageLength in [16, 48, 64, 256] {
            for growth in [Growth.dynamic, .reserved(tokenCount: 300), .reserved(tokenCount: 1000)] {
                let configuration = try CacheConfiguration(
                    keyStorage: keys, valueStorage: values, growth: growth, pageLength: pageLength,
                    chunkLength: 100)
                try expectPlanned(configuration)
            }
        }
    }

    @Test(arguments: [0, 1, 20, 200])
    func plannedBytesAreAllocatedBytesWithAGuaranteedRewind(rewind: Int) throws {
        try expectPlanned(CacheConfiguration(guaranteedRewind: rewind))
        try expectPlanned(
            CacheConfiguration(growth: .reserved(tokenCount: 500), chunkLength: 100, guaranteedRewind: rewind)
        )
    }

    private func expectPlanned(_ configuration: CacheConfiguration) throws {
        let layers = [
            LayerGeometry(kvHeadCount: 2, keyDimension: 12, valueDimension: 20, retention: .full),
            LayerGeometry(
                kvHeadCount: 1, keyDimension: 80, valueDimension: 96, retention: .window(length: 1)),
            LayerGeometry(kvHeadCount: 1, keyDimension: 1, valueDimension: 1, retention: .window(length: 70)),
            LayerGeometry(
                kvHeadCount: 3, keyDimension: 64, valueDimension: 64, retention: .window(length: 5000)),
        ]
        let pool = PagePool()
        let plan = try CachePlan(configuration, layers: layers)
        let cache = try SequenceCache(configuration, layers: layers, pool: pool)
        #expect(pool.usage.live == plan.byteCount(tokenCount: 0))
        var generator = SeededGenerator(state: 9)
        var largest = 0
        while cache.tokenCount < 300 {
            let count = min(Int.random(in: 1...100, using: &generator), 300 - cache.tokenCount)
            try cache.reserve(count)
            #expect(cache.byteCount == plan.byteCount(tokenCount: cache.tokenCount, newTokenCount: count))
            #expect(cache.byteCount == pool.usage.live)
            largest = max(largest, cache.byteCount)
            cache.commit(count)
            #expect(cache.byteCount == plan.byteCount(tokenCount: cache.tokenCount))
            #expect(cache.byteCount == pool.usage.live)
        }
        if configuration.growth == .dynamic {
            #expect(try #require(plan.peakByteCount(contextLength: 300)) >= largest)
        }
        // The reservation is enough for any chunks, from any alignment.
        for layer in plan.layers {
            for tokenCount in 0..<200 {
                let most = layer.mostPages(capacity: 300, chunkLength: 100)
                let held = layer.pages(tokenCount: tokenCount, newTokenCount: 100)
                #expect(held.open <= most.open)
                #expect(held.sealed <= most.sealed)
            }
        }
    }

    @Test func smolLM2TakesWhatTheFormulaSays() throws {
        let plan = try CachePlan(CacheConfiguration(), layers: Self.smolLM2)
        // 2 (keys and values) x 30 layers x 3 heads x 64 dimensions x 2 bytes
        #expect(plan.bytesPerToken == 23_040)
        #expect(plan.byteCount(tokenCount: 8_000) == 125 * 64 * 23_040)
        #expect(plan.byteCount(tokenCount: 8_001) == 126 * 64 * 23_040)
        #expect(plan.peakByteCount(contextLength: 8_000, sequenceCount: 3) == 3 * 8_000 * 23_040)
    }

    @Test func theLargestContextFitsAndOneTokenMoreDoesNot() throws {
        for growth in [Growth.dynamic, .reserved(tokenCount: 9)] {
            let mixed =
                Self.smolLM2 + [
                    LayerGeometry(
                        kvHeadCount: 4, keyDimension: 80, valueDimension: 80, retention: .window(length: 333))
                ]
            let plan = try CachePlan(CacheConfiguration(growth: growth), layers: mixed)
            for budget in [10_000_000, 123_456_789, 6 << 30] {
                for sequenceCount in [1, 2, 100] {
                    let context = plan.largestContext(byteBudget: budget, sequenceCount: sequenceCount)
                    let bytes = plan.peakByteCount(contextLength: context, sequenceCount: sequenceCount)
                    let more = plan.peakByteCount(contextLength: context + 1, sequenceCount: sequenceCount)
                    #expect(try #require(bytes) <= budget)
                    #expect(try #require(more) > budget)
                }
            }
        }
    }

    @Test func nothingFitsNothing() throws {
        let plan = try CachePlan(CacheConfiguration(), layers: Self.smolLM2)
        #expect(plan.largestContext(byteBudget: 0) == 0)
        #expect(plan.largestContext(byteBudget: -5) == 0)
        #expect(plan.largestContext(byteBudget: 64 * 23_040 - 1) == 0)
        #expect(plan.largestContext(byteBudget: 64 * 23_040) == 64)
    }

    @Test func numbersBeyondAnyMemoryAreNilNotATrap() throws {
        let huge = [LayerGeometry](
            repeating: LayerGeometry(
                kvHeadCount: 4096, keyDimension: 4096, valueDimension: 4096, retention: .full),
            count: 4096)
        let plan = try CachePlan(CacheConfiguration(pageLength: 4096), layers: huge)
        #expect(plan.byteCount(tokenCount: CacheLimits.tokenCount) == nil)
        #expect(plan.byteCount(tokenCount: .max) == nil)
        #expect(plan.byteCount(tokenCount: -1) == nil)
        #expect(plan.byteCount(tokenCount: 1, newTokenCount: .max) == nil)
        #expect(plan.peakByteCount(contextLength: 4096, sequenceCount: .max) == nil)
        #expect(plan.largestContext(byteBudget: .max) < CacheLimits.tokenCount)
    }

    @Test func aWindowStopsGrowing() throws {
        let layers = [
            LayerGeometry(
                kvHeadCount: 1, keyDimension: 64, valueDimension: 64, retention: .window(length: 512))
        ]
        let plan = try CachePlan(CacheConfiguration(), layers: layers)
        let page = 64 * 128 * 2
        #expect(plan.bytesPerToken == 0)
        // 511 positions behind the next token: 8 pages, or 9 where they straddle.
        #expect(plan.byteCount(tokenCount: 100_031) == 8 * page)
        #expect(plan.byteCount(tokenCount: 100_033) == 9 * page)
        #expect(plan.peakByteCount(contextLength: 1 << 30) == ((511 + 256 + 62) / 64 + 1) * page)
    }
}
