import NuthatchCache
import Testing

@Suite struct PagePoolTests {
    let layers = [LayerGeometry](
        repeating: LayerGeometry(kvHeadCount: 1, keyDimension: 16, valueDimension: 16, retention: .full),
        count: 2)
    /// 64 slots x (16 + 16) x 2 bytes
    let pageByteCount = 4096

    @Test func everythingIsReturnedWhenSequencesGo() throws {
        let pool = PagePool()
        do {
            let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
            try cache.reserve(100)
            cache.commit(100)
            let fork = try cache.fork()
            try fork.reserve(100)
            fork.commit(100)
            #expect(pool.usage.live > 0)
        }
        #expect(pool.usage.live == 0)
        #expect(pool.usage.idle == pool.usage.peak)
        pool.trim()
        #expect(pool.usage.idle == 0)
    }

    @Test func aForkSharesUntilItWrites() throws {
        let pool = PagePool()
        let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
        try cache.reserve(100)
        cache.commit(100)
        #expect(pool.usage.live == 4 * pageByteCount)
        let fork = try cache.fork()
        #expect(pool.usage.live == 4 * pageByteCount)
        try fork.reserve(1)
        // The unfinished page of each of the two layers was copied.
        #expect(pool.usage.live == 6 * pageByteCount)
        try cache.reserve(1)
        #expect(pool.usage.live == 6 * pageByteCount, "the last owner writes in place")
    }

    @Test func aForkAtAPageBoundaryCopiesNothing() throws {
        let pool = PagePool()
        let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
        try cache.reserve(128)
        cache.commit(128)
        let fork = try cache.fork()
        try fork.reserve(1)
        #expect(pool.usage.live == 6 * pageByteCount)
    }

    @Test func pagesAreUsedAgain() throws {
        let pool = PagePool()
        for _ in 0..<5 {
            let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
            try cache.reserve(200)
        }
        #expect(pool.usage == PagePool.Usage(live: 0, idle: 8 * pageByteCount, peak: 8 * pageByteCount))
    }

    @Test func theBudgetRefusesBeforeAnythingChanges() throws {
        let pool = PagePool(byteBudget: 5 * pageByteCount)
        let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
        try cache.reserve(128)
        cache.commit(128)
        let before = cache.report
        #expect(throws: CacheError.outOfMemory(byteCount: 2 * 4096, inUse: 4 * 4096, budget: 5 * 4096)) {
            try cache.reserve(1)
        }
        #expect(cache.report == before)
        #expect(pool.usage.live == 4 * pageByteCount)
        #expect(cache.truncate(to: 64) == .exact)
        try cache.reserve(64)
    }

    @Test func idlePagesNeverPushTheSumOverTheBudget() throws {
        let pool = PagePool(byteBudget: 8 * pageByteCount)
        do {
            let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: pool)
            try cache.reserve(256)
        }
        #expect(pool.usage.idle == 8 * pageByteCount)
        let other = [LayerGeometry(kvHeadCount: 1, keyDimension: 32, valueDimension: 32, retention: .full)]
        let cache = try SequenceCache(CacheConfiguration(), layers: other, pool: pool)
        try cache.reserve(64)
        #expect(pool.usage.live + pool.usage.idle <= 8 * pageByteCount)
    }

    @Test func aReservationNeverGrowsNorShrinks() throws {
        let pool = PagePool()
        let configuration = try CacheConfiguration(growth: .reserved(tokenCount: 200))
        let cache = try SequenceCache(configuration, layers: layers, pool: pool)
        let reserved = pool.usage.live
        #expect(reserved == 8 * pageByteCount)
        for count in [1, 63, 64, 72] {
            try cache.reserve(count)
            cache.commit(count)
            #expect(pool.usage.live == reserved)
        }
        #expect(throws: CacheError.full(capacity: 200, asked: 201)) { try cache.reserve(1) }
        #expect(cache.tokenCount == 200)
        #expect(cache.truncate(to: 10) == .exact)
        #expect(pool.usage.live == reserved)
        cache.reset()
        #expect(pool.usage.live == reserved)
        try cache.reserve(200)
        #expect(pool.usage.live == reserved)
    }

    @Test func aReservedForkHasAReservationOfItsOwn() throws {
        let pool = PagePool()
        let configuration = try CacheConfiguration(growth: .reserved(tokenCount: 200))
        let cache = try SequenceCache(configuration, layers: layers, pool: pool)
        try cache.reserve(150)
        cache.commit(150)
        let fork = try cache.fork()
        #expect(pool.usage.live == 16 * pageByteCount)
        try fork.reserve(50)
        #expect(fork.byteCount == cache.byteCount)
        #expect(pool.usage.live == 16 * pageByteCount)
    }

    @Test func aReservationThatDoesNotFitTheBudgetIsRefusedWhole() throws {
        let pool = PagePool(byteBudget: 7 * pageByteCount)
        let configuration = try CacheConfiguration(growth: .reserved(tokenCount: 200))
        #expect(throws: CacheError.outOfMemory(byteCount: 8 * 4096, inUse: 0, budget: 7 * 4096)) {
            try SequenceCache(configuration, layers: layers, pool: pool)
        }
        #expect(pool.usage == PagePool.Usage())
    }
}
