import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sequences that begin alike share pages, and go on with the bits of one that computed all itself.
@Suite struct PrefixStoreTests {
    private let root = PrefixSample.root()
    private let shape = Shape(retentions: [.full, .full])
    /// 64 slots x (16 + 16) x 2 heads x 2 bytes, in two layers.
    private let columnByteCount = 2 * 64 * 32 * 2 * 2

    private func cache(
        _ pool: PagePool, growth: Growth = .dynamic, placement: Placement = .memory
    ) throws -> SequenceCache {
        try SequenceCache(
            CacheConfiguration(placement: placement, growth: growth), layers: shape.layers, pool: pool)
    }

    private func compute(
        _ tokens: [Token], in store: PrefixStore, _ cache: SequenceCache, root: PageName? = nil,
        limit: Int = .max
    ) throws -> PrefixMatch {
        let match = try store.attach(
            cache, to: SequenceContent(Array(tokens.ids)), root: root ?? self.root, limit: limit)
        _ = try Driver(shape).feed(Array(tokens[cache.tokenCount...]), to: cache, chunk: 50)
        store.noteCommitted(cache)
        return match
    }

    @Test(arguments: [1, 2, 3], [-1, 0, 1])
    func whatIsFoundEndsWhereTheSequencesPart(pageCount: Int, difference: Int) throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(256)
        let origin = try cache(pool)
        _ = try compute(tokens, in: store, origin)
        let count = pageCount * 64 + difference
        let other = Array(tokens[..<count]) + Token.sequence(100, seed: 9)
        let before = pool.usage.live
        let second = try cache(pool)
        let content = SequenceContent(Array(other.ids))
        let match = try store.attach(second, to: content, root: root)
        #expect(match.tokenCount == count && second.tokenCount == count)
        #expect(second.content == SequenceContent(Array(other.ids.prefix(count))))
        // Whole pages are shared; of one shared in part there is a copy.
        #expect(pool.usage.live == before + (difference == 0 ? 0 : columnByteCount))
        let output = try Driver(shape).feed(Array(other[count...]), to: second, chunk: 7)
        let alone = try cache(PagePool())
        let expected = try Driver(shape).feed(other, to: alone, chunk: 200)
        expectEnd(output, of: expected, behind: count)
        for layer in 0..<2 {
            #expect((try second.read(layer: layer)) == (try alone.read(layer: layer)))
            #expect((try origin.read(layer: layer)).positions.count == 256)
        }
    }

    /// Outputs of the tokens behind `count`, layer by layer.
    private func expectEnd(_ output: [Float], of expected: [Float], behind count: Int) {
        let width = shape.queryHeadCount * shape.valueDimension
        let (rows, all) = (output.count / 2 / width, expected.count / 2 / width)
        #expect(rows == all - count)
        for layer in 0..<2 {
            let start = (layer * all + count) * width
            #expect(
                output[layer * rows * width..<(layer + 1) * rows * width].map(\.bitPattern)
                    == expected[start..<start + rows * width].map(\.bitPattern))
        }
    }

    @Test func aWholePromptIsSharedButForItsLastToken() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(192)
        let first = try cache(pool)
        _ = try compute(tokens, in: store, first)
        let second = try cache(pool)
        let match = try compute(tokens, in: store, second, limit: 191)
        #expect(match.columns.count == 2 && match.part?.tokenCount == 63 && match.reason == .nothing)
        #expect(second.tokenCount == 192)
        // Its third page is the first one's again.
        #expect(pool.usage.live == 3 * columnByteCount && store.usage.mergeCount == 1)
    }

    @Test func equalPagesThatWereComputedTwiceCountOnce() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(150)
        let caches = try [cache(pool), cache(pool)]
        for cache in caches { store.join(cache, root: root) }
        for cache in caches { _ = try Driver(shape).feed(tokens, to: cache, chunk: 50) }
        #expect(pool.usage.live == 6 * columnByteCount)
        for cache in caches { store.noteCommitted(cache) }
        #expect(pool.usage.live == 4 * columnByteCount)
        #expect(store.usage.mergeCount == 2 && store.usage.columnCount == 2)
        for cache in caches { store.leave(cache) }
        #expect(pool.usage.live == 0 && pool.usage.cached == 2 * columnByteCount)
    }

    @Test func saltsDecideWhoShares() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(200)
        let caches = try (0..<3).map { _ in try cache(pool) }
        let roots = ["ann", "bob", "ann"].map { PrefixSample.root($0) }
        let counts = try zip(caches, roots).map { cache, root in
            try compute(tokens, in: store, cache, root: root, limit: 199).tokenCount
        }
        #expect(counts == [0, 0, 192])
        store.drop(root: roots[0])
        #expect(store.usage.columnCount == 3)
        let late = try cache(pool)
        #expect(try compute(tokens, in: store, late, root: roots[0]).tokenCount == 0)
        #expect((try caches[2].read(layer: 1)).positions.count == 200, "who shared keeps its pages")
        for cache in caches + [late] { store.leave(cache) }
        #expect(pool.usage.live == 0)
        for root in roots { store.drop(root: root) }
        #expect(pool.usage.cached == 0 && store.usage == withoutPages(store.usage))
    }

    private func withoutPages(_ usage: PrefixUsage) -> PrefixUsage {
        var usage = usage
        (usage.columnCount, usage.byteCount, usage.heldByteCount) = (0, 0, 0)
        return usage
    }

    @Test func whatWouldBeRefusedSucceedsByGivingUpCachedPages() throws {
        let pool = PagePool(byteBudget: 6 * columnByteCount)
        let store = PrefixStore(pool: pool)
        let (old, shared) = (Token.sequence(128, seed: 1), Token.sequence(128, seed: 2))
        for tokens in [old, shared] {
            let cache = try cache(pool)
            _ = try compute(tokens, in: store, cache)
            store.leave(cache)
        }
        #expect(pool.usage.cached == 4 * columnByteCount && pool.usage.live == 0)
        let holder = try cache(pool)
        #expect(try compute(shared, in: store, holder).tokenCount == 128)
        #expect(pool.usage.cached == 2 * columnByteCount && pool.usage.live == 2 * columnByteCount)
        // Two are free and two can be had; the holder's are not given up.
        let other = try cache(pool)
        _ = try compute(Token.sequence(256, seed: 3), in: store, other)
        #expect(pool.usage.cached == 0 && store.usage.evictionCount == 2)
        #expect(throws: CacheError.self) { try other.reserve(1) }
        #expect(pool.usage.live == 6 * columnByteCount && pool.usage.idle == 0)
        _ = try Driver(shape).feed(Array(shared[..<0]), to: holder, chunk: 1)
        let alone = try cache(PagePool())
        _ = try Driver(shape).feed(shared, to: alone, chunk: 128)
        #expect((try holder.read(layer: 0)) == (try alone.read(layer: 0)))
    }

    @Test func nothingIsGivenUpInVain() throws {
        let pool = PagePool(byteBudget: 4 * columnByteCount)
        let store = PrefixStore(pool: pool)
        let cache = try cache(pool)
        _ = try compute(Token.sequence(128), in: store, cache)
        store.leave(cache)
        let other = try self.cache(pool)
        #expect(throws: CacheError.self) { try other.reserve(5 * 64) }
        #expect(store.usage.columnCount == 2 && pool.usage.cached == 2 * columnByteCount)
        try other.reserve(4 * 64)
        #expect(store.usage.columnCount == 0)
    }

    @Test func reservedCachesShareCopies() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(192)
        let growths: [Growth] = [.reserved(tokenCount: 200), .dynamic, .reserved(tokenCount: 200)]
        for (index, growth) in growths.enumerated() {
            let cache = try cache(pool, growth: growth)
            let reserved = pool.usage.live
            #expect(try compute(tokens, in: store, cache, limit: 170).tokenCount == (index == 0 ? 0 : 170))
            if growth != .dynamic { #expect(pool.usage.live == reserved) }
            // It goes another way: nobody else's pages change.
            #expect(cache.truncate(to: 100) == .exact)
            _ = try Driver(shape).feed(Token.sequence(90, seed: 5), to: cache, chunk: 20)
            store.noteCommitted(cache)
            store.leave(cache)
        }
        let last = try cache(pool)
        let match = try compute(tokens, in: store, last)
        #expect(match.tokenCount == 192)
        let alone = try cache(PagePool())
        _ = try Driver(shape).feed(tokens, to: alone, chunk: 192)
        #expect((try last.read(layer: 1)) == (try alone.read(layer: 1)))
    }

    @Test func aForkHoldsWhatItShares() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let cache = try cache(pool)
        _ = try compute(Token.sequence(130), in: store, cache)
        var fork: SequenceCache? = try cache.fork()
        store.leave(cache)
        #expect(pool.usage.cached == 0 && pool.usage.live == 3 * columnByteCount)
        #expect(fork?.truncate(to: 70) == .exact)
        #expect(pool.usage.cached == columnByteCount && pool.usage.live == columnByteCount)
        fork = nil
        #expect(pool.usage.cached == 2 * columnByteCount && pool.usage.live == 0)
    }

    @Test func aRefusedSharingChangesNothing() throws {
        let pool = PagePool(byteBudget: 4 * columnByteCount)
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(256)
        let first = try cache(pool)
        _ = try compute(tokens, in: store, first)
        let second = try cache(pool)
        let usage = store.usage
        #expect(throws: CacheError.self) {
            try store.attach(second, to: SequenceContent(Array(tokens.ids)), root: root, limit: 100)
        }
        #expect(second.tokenCount == 0 && store.usage == usage && second.byteCount == 0)
        #expect(
            try store.attach(second, to: SequenceContent(Array(tokens.ids)), root: root, limit: 64)
                .tokenCount == 64)
    }

    @Test func imagesAreSharedAsTokensAre() throws {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(140)
        func content(_ digest: UInt8) -> SequenceContent {
            SequenceContent(Array(tokens.ids), images: [PrefixSample.image(60, 2, 10, digest)])
        }
        let first = try cache(pool)
        _ = try store.attach(first, to: content(1), root: root)
        try Driver(shape).append(tokens, images: content(1).images.all, to: first)
        store.noteCommitted(first)
        let (same, other) = (try cache(pool), try cache(pool))
        #expect(try store.attach(same, to: content(1), root: root).tokenCount == 128)
        #expect(same.content.images == content(1).images)
        #expect(try store.attach(other, to: content(2), root: root).tokenCount == 60)
        #expect(other.content.images.isEmpty)
    }

    @Test func aPageDamagedOnDiskIsDroppedAndLessIsShared() throws {
        let folder = try TemporaryDirectory()
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let disk = Placement.disk(directory: folder.path)
        let tokens = Token.sequence(200)
        let first = try cache(pool, placement: disk)
        _ = try compute(tokens, in: store, first)
        try first.finishTransfers()
        store.noteCommitted(first)
        #expect(store.usage.columnCount == 3 && store.usage.byteCount == 0)
        // All of the second and third pages; a cache in memory has to read them.
        let descriptor = try #require(first.pageFileDescriptor)
        let noise = [UInt8](repeating: 0x5A, count: 6 * columnByteCount)
        #expect(pwrite(descriptor, noise, 4 * columnByteCount / 2, 0) > 0)
        let second = try cache(pool)
        let match = try compute(tokens, in: store, second)
        #expect(match.tokenCount < 192 && match.tokenCount % 64 == 0)
        let alone = try cache(PagePool())
        _ = try Driver(shape).feed(tokens, to: alone, chunk: 200)
        #expect((try second.read(layer: 1)) == (try alone.read(layer: 1)))
        store.leave(first)
        store.leave(second)
        #expect(pool.usage.live == 0)
    }

    @Test func whatWindowsReadIsKeptWhereATurnEnded() throws {
        let shape = Shape(retentions: [.full, .window(length: 64)])
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let tokens = Token.sequence(400)
        let content = SequenceContent(Array(tokens.ids))
        func cache() throws -> SequenceCache {
            try SequenceCache(CacheConfiguration(), layers: shape.layers, pool: pool)
        }
        let first = try cache()
        _ = try store.attach(first, to: content, root: root)
        for start in stride(from: 0, to: 400, by: 40) {
            _ = try Driver(shape).feed(Array(tokens[start..<start + 40]), to: first, chunk: 40)
            store.noteCommitted(first)
            if start == 160 { store.noteTurnEnd(first) }
        }
        store.leave(first)
        // Six pages of full history, and the windows' at 192 and at 384.
        #expect(pool.usage.cached == 8 * columnByteCount / 2)
        for (limit, count) in [(399, 384), (380, 192), (100, 0)] {
            let match = store.match(content, root: root, plan: first.plan, limit: limit)
            #expect(match.columns.count * 64 == count, "\(limit)")
        }
    }
}
